/** The key of the backend API: where a request carries it, and whether it is the right one. */
import { timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** Accepts `Authorization: Bearer KEY` and `X-API-Key: KEY`. The comparison takes as long for a near miss as for a far one. */
export class ApiKeyCheck {
  readonly #expected: Buffer | undefined;

  /** `key` undefined: nobody has it, every request is refused. */
  constructor(key: string | undefined) {
    this.#expected = key === undefined ? undefined : Buffer.from(key, 'latin1');
  }

  accepts(req: IncomingMessage): boolean {
    const presented = presentedKey(req);
    // That the length differs may show: it is no secret. Latin-1 keeps one byte per character, as Node hands headers over.
    if (this.#expected === undefined || presented === undefined || presented.length !== this.#expected.length) {
      return false;
    }
    return timingSafeEqual(Buffer.from(presented, 'latin1'), this.#expected);
  }
}

function presentedKey(req: IncomingMessage): string | undefined {
  const { authorization } = req.headers;
  if (authorization !== undefined && /^bearer /i.test(authorization)) {
    return authorization.slice('bearer '.length).trim();
  }
  const header = req.headers['x-api-key'];
  return typeof header === 'string' ? header : undefined;
}
