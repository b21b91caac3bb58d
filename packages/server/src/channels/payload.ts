/** From a value to the JSON that is stored and delivered: checked against the channel's schema, serialised exactly once. */
import { jsonDepthWithin, MAX_JSON_DEPTH } from '@fanfare/protocol';
import { FanfareError } from './fanfare-error.ts';
import { issuePath, type SchemaOutcome, type StandardSchema } from './standard-schema.ts';

/** UTF-8 bytes of one payload. */
export const MAX_PAYLOAD_BYTES = 65_536;

export interface PayloadBounds {
  /** UTF-8 bytes of the JSON. */
  readonly maxBytes: number;
  /** Levels of the JSON. */
  readonly maxDepth: number;
}

export const DEFAULT_PAYLOAD_BOUNDS: PayloadBounds = { maxBytes: MAX_PAYLOAD_BYTES, maxDepth: MAX_JSON_DEPTH };

/** From a value to its JSON, within bounds. Holds nothing. */
export class PayloadEncoder {
  readonly #bounds: PayloadBounds;

  constructor(bounds: PayloadBounds = DEFAULT_PAYLOAD_BOUNDS) {
    this.#bounds = bounds;
  }

  /** Checks and serialises. Throws PAYLOAD_INVALID or BODY_TOO_LARGE. */
  encode(schema: StandardSchema | undefined, data: unknown): string | Promise<string> {
    if (schema === undefined) return toJson(data, this.#bounds);
    const outcome = schema['~standard'].validate(data);
    if (!(outcome instanceof Promise)) return toJson(accepted(outcome), this.#bounds);
    return outcome.then((late) => toJson(accepted(late), this.#bounds));
  }

  /** As `encode`, for a transaction, which cannot wait. Throws a TypeError where the schema is asynchronous. */
  encodeSync(schema: StandardSchema | undefined, data: unknown): string {
    const json = this.encode(schema, data);
    if (typeof json === 'string') return json;
    json.catch(() => undefined); // The outcome is of no use any more; its failure must not end the process.
    throw new TypeError(
      'A schema that validates asynchronously cannot be used in a transaction: publish outside of it.',
    );
  }
}

function accepted(outcome: SchemaOutcome<unknown>): unknown {
  if (outcome.issues === undefined) return outcome.value;
  const issues = outcome.issues.slice(0, 8).map((issue) => ({ field: issuePath(issue), message: issue.message }));
  const first = issues[0] ?? { field: '', message: 'refused by the schema' };
  throw new FanfareError('PAYLOAD_INVALID', {
    details: { field: first.field || 'data', expected: first.message, issues },
  });
}

function toJson(data: unknown, { maxBytes, maxDepth }: PayloadBounds): string {
  const json = stringify(data);
  if (json === undefined) throw notJson(`a value of type ${typeof data}`);
  if (Buffer.byteLength(json) > maxBytes) {
    throw new FanfareError('BODY_TOO_LARGE', { details: { limit: maxBytes } });
  }
  if (!jsonDepthWithin(json, maxDepth)) throw notJson(`more than ${maxDepth} levels`);
  // JSON has no NaN: it silently becomes null. Only a text with a null in it can hide one.
  if (json.includes('null') && hidesNonFinite(data)) throw notJson('NaN or Infinity');
  return json;
}

function stringify(data: unknown): string | undefined {
  try {
    return JSON.stringify(data);
  } catch (cause) {
    // Cycles, BigInt, a throwing toJSON, or so deep that the stack ends.
    throw notJson('a cycle, a BigInt or a value that cannot be serialised', cause);
  }
}

/** The depth is bounded by the caller: `data` was serialised, and the depth of its text is known. */
function hidesNonFinite(value: unknown): boolean {
  if (typeof value === 'number') return !Number.isFinite(value);
  if (typeof value !== 'object' || value === null || 'toJSON' in value) return false;
  return Object.values(value).some(hidesNonFinite);
}

function notJson(got: string, cause?: unknown): FanfareError {
  return new FanfareError('PAYLOAD_INVALID', { details: { field: 'data', expected: 'a JSON value', got }, cause });
}
