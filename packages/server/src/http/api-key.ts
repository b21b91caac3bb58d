/** The key of the backend API: what a key is, where a request carries it, and whether it is the right one. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import { catalogueError, HttpError } from './errors.ts';

const KEY = /^[\x21-\x7e]{1,256}$/;
const CHALLENGE = { 'WWW-Authenticate': 'Bearer' };

/** 1 to 256 visible ASCII characters: what every HTTP client can send in a header as it is. */
export function isApiKey(key: unknown): key is string {
  return typeof key === 'string' && KEY.test(key);
}

/**
 * Accepts `Authorization: Bearer KEY` and `X-API-Key: KEY`. The comparison takes as long for a near miss as for a far one.
 * Throws a TypeError for a key that is none: an empty one, from a variable that was not set, would open the door to all.
 */
export class ApiKeyCheck {
  readonly #expected: Buffer | undefined;

  /** `key` undefined: nobody has it, every request is refused. */
  constructor(key: string | undefined) {
    if (key !== undefined && !isApiKey(key)) throw new TypeError(notAKey(key));
    this.#expected = key === undefined ? undefined : Buffer.from(key, 'latin1');
  }

  accepts(req: IncomingMessage): boolean {
    const presented = presentedKey(req);
    // That the length differs may show: it is no secret. Latin-1 keeps one byte per character, as Node hands headers over.
    if (this.#expected === undefined || !presented || presented.length !== this.#expected.length) {
      return false;
    }
    return timingSafeEqual(Buffer.from(presented, 'latin1'), this.#expected);
  }

  /** The answer to whom it did not accept: 401 API_KEY_INVALID, and true where no key could be right. */
  refusal(): HttpError {
    if (this.#expected !== undefined) return catalogueError('API_KEY_INVALID', undefined, CHALLENGE);
    return new HttpError({
      status: 401,
      code: 'API_KEY_INVALID',
      message: {
        en: 'This server has no API key: its backend API is closed until one is configured.',
        vi: 'Máy chủ này chưa có khóa API: API phía máy chủ bị đóng cho đến khi khóa được cấu hình.',
      },
      headers: CHALLENGE,
    });
  }
}

/** Never with the key itself: it may be the real one with a line break at its end, and this ends in a log. */
function notAKey(key: unknown): string {
  const got = typeof key !== 'string' ? `a ${typeof key}` : key === '' ? 'an empty one' : 'something else';
  return `apiKey: expected 1 to 256 visible ASCII characters, without spaces, got ${got}. Leave it out to keep the backend API closed.`;
}

/** What the request carries behind `Authorization: Bearer`, whatever it is; undefined: there is no such header. Not for logs. */
export function presentedBearer({ headers: { authorization } }: IncomingMessage): string | undefined {
  return authorization !== undefined && /^bearer /i.test(authorization)
    ? authorization.slice('bearer '.length).trim()
    : undefined;
}

/** What the request carries in the place of a key. Not for logs. */
export function presentedKey(req: IncomingMessage): string | undefined {
  const bearer = presentedBearer(req);
  if (bearer !== undefined) return bearer;
  const header = req.headers['x-api-key'];
  return typeof header === 'string' ? header : undefined;
}
