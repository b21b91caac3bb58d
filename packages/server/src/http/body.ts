/** The body of a request, read within bounds: nothing is parsed before its type, size, encoding and depth are known to be harmless. */
import { isUtf8 } from 'node:buffer';
import type { IncomingMessage } from 'node:http';
import { jsonDepthWithin, MAX_JSON_DEPTH } from '@fanfare/protocol';
import { catalogueError, fail, type HttpError, RequestAborted } from './errors.ts';
import { jsonErrorPosition } from './json-position.ts';

export const MAX_BODY_BYTES: number = 64 * 1024;

export interface BodyOptions {
  /** @default 65536 */
  readonly maxBytes?: number;
  /** Levels of JSON. @default 32 */
  readonly maxDepth?: number;
}

/**
 * The JSON value of a request body. Rejects with an HttpError that says what is wrong (wrong content type, too large,
 * not UTF-8, not JSON, too deep, empty, a `__proto__` key), or RequestAborted when the caller hung up.
 * A `req.body` that another framework has parsed is taken as it is, after the same checks.
 */
export async function readJson(req: IncomingMessage, options: BodyOptions = {}): Promise<unknown> {
  const { maxBytes = MAX_BODY_BYTES, maxDepth = MAX_JSON_DEPTH } = options;
  const parsed = 'body' in req ? req.body : undefined;
  if (typeof parsed === 'string' || Buffer.isBuffer(parsed)) {
    return parseJson(Buffer.from(parsed), maxDepth);
  }
  if (parsed !== undefined) {
    return checkedTree(parsed, maxDepth);
  }
  const wrongType = refuseContentType(req);
  if (wrongType !== undefined) {
    throw wrongType;
  }
  const body = await new Promise<Buffer>((resolve, reject) => {
    collectBody(req, maxBytes, (outcome) => (Buffer.isBuffer(outcome) ? resolve(outcome) : reject(outcome)));
  });
  return parseJson(body, maxDepth);
}

/** Undefined when the body is said to be plain JSON in UTF-8; the 415 otherwise. */
export function refuseContentType(req: IncomingMessage): HttpError | undefined {
  const type = req.headers['content-type'];
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return catalogueError('CONTENT_ENCODING_UNSUPPORTED', { got: encoding });
  }
  if (type === 'application/json' || isJsonType(type)) {
    return undefined;
  }
  return catalogueError('CONTENT_TYPE_UNSUPPORTED', { expected: 'application/json', got: type ?? 'none' });
}

/**
 * Hands over the whole body, or why there is none, exactly once. Over the cap, reading stops being kept (the answer
 * closes the connection); a caller that hangs up half-way is RequestAborted.
 */
export function collectBody(
  req: IncomingMessage,
  maxBytes: number,
  done: (outcome: Buffer | HttpError | RequestAborted) => void,
): void {
  if (Number(req.headers['content-length'] ?? 0) > maxBytes) {
    done(tooLarge(maxBytes));
    return;
  }
  if (req.readableEnded) {
    done(Buffer.alloc(0));
    return;
  }
  if (req.destroyed) {
    // Its 'close' is over: nothing would ever be heard again.
    done(new RequestAborted('the request ended before its body was asked for'));
    return;
  }
  let first: Buffer | undefined;
  let more: Buffer[] | undefined;
  let length = 0;
  let open = true;
  const finish = (outcome: Buffer | HttpError | RequestAborted): void => {
    if (open) {
      open = false;
      done(outcome);
    }
  };
  req.on('data', (chunk: Buffer) => {
    length += chunk.length;
    if (!open || length > maxBytes) {
      first = undefined;
      more = undefined;
      finish(tooLarge(maxBytes));
    } else if (first === undefined) {
      first = chunk;
    } else {
      more ??= [first];
      more.push(chunk);
    }
  });
  req.on('end', () => finish(more === undefined ? (first ?? Buffer.alloc(0)) : Buffer.concat(more, length)));
  req.on('close', () => {
    // 'close' comes after every request; an error captures its stack, so it is made for those that ended early only.
    if (open) finish(new RequestAborted('the request ended before its body'));
  });
}

/** The value of a JSON text. Throws an HttpError. `maxDepth`: levels. @default 32 */
export function parseJson(body: Buffer, maxDepth: number = MAX_JSON_DEPTH): unknown {
  if (body.length === 0) {
    return fail('BODY_MISSING');
  }
  if (!isUtf8(body)) {
    return fail('JSON_INVALID', { expected: 'UTF-8' });
  }
  const text = body.toString('utf8');
  if (!jsonDepthWithin(text, maxDepth)) {
    return fail('JSON_TOO_DEEP', { limit: maxDepth });
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fail('JSON_INVALID', { position: jsonErrorPosition(text) });
  }
  return mayHoldPrototype(text) ? checkedTree(value, maxDepth) : value;
}

/** An own key of this name is harmless here, but poisons whoever copies the value key by key. */
const PROTOTYPE = '__proto__';

/** May a value of this text hold a `__proto__` key? A key can be spelt with escapes; plain texts pay one scan. */
export function mayHoldPrototype(text: string): boolean {
  return text.includes(PROTOTYPE) || text.includes('\\u');
}

/** Does the value hold a `__proto__` key, at any level? Its depth is known to be bounded. */
export function holdsPrototype(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.hasOwn(value, PROTOTYPE) || Object.values(value).some(holdsPrototype);
}

/** The value itself, once it is known to be no deeper than allowed and to hold no `__proto__` key. */
function checkedTree(value: unknown, maxDepth: number): unknown {
  checkLevel(value, { left: maxDepth, maxDepth });
  return value;
}

function checkLevel(value: unknown, { left, maxDepth }: { readonly left: number; readonly maxDepth: number }): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  if (left === 0) {
    fail('JSON_TOO_DEEP', { limit: maxDepth });
  }
  if (Object.hasOwn(value, PROTOTYPE)) {
    fail('FIELD_UNKNOWN', { field: PROTOTYPE });
  }
  for (const child of Object.values(value)) {
    checkLevel(child, { left: left - 1, maxDepth });
  }
}

function isJsonType(type: string | undefined): boolean {
  return type !== undefined && /^application\/json\s*(?:;\s*charset\s*=\s*"?utf-8"?\s*)?;?$/i.test(type.trim());
}

function tooLarge(maxBytes: number): HttpError {
  return catalogueError('BODY_TOO_LARGE', { limit: maxBytes });
}
