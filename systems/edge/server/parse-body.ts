/** A request's body, query or header by a zod schema: the value, or 400 in words that say which field and what it should be. */
import { fail, refuseField } from 'fanfare/http';
import type { z } from 'zod';

/** The value, or 400 that names the first field that is wrong: FIELD_MISSING, FIELD_INVALID or FIELD_UNKNOWN, as the hub has them. */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return fail('FIELD_UNKNOWN', { field: [...issue.path.map(String), issue.keys[0]].join('.') });
  }
  const path = issue?.path ?? [];
  const field = path.map(String).join('.') || 'body';
  const got = valueAt(value, path);
  // Zod's own words are "Invalid input: expected number, received string"; ours are what was expected, alone.
  const message = issue?.message ?? 'another value';
  const expected = /: expected (.+?)(?:, received .+)?$/.exec(message)?.[1] ?? message;
  if (got !== undefined) return refuseField(field, expected, got);
  // A rule about several fields stands at one of them, which need not be there.
  return fail(issue?.code === 'custom' ? 'FIELD_INVALID' : 'FIELD_MISSING', { field, expected });
}

function valueAt(value: unknown, path: readonly PropertyKey[]): unknown {
  return path.reduce<unknown>((held, name) => (isObject(held) ? Reflect.get(held, name) : undefined), value);
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}
