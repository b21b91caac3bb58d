/** A request's body, query or header by a zod schema: the value, or 400 in words that say which field and what it should be. */
import { fail } from 'fanfare/http';
import type { z } from 'zod';

/** The value, or 400 that names the first field that is wrong: FIELD_INVALID, or FIELD_UNKNOWN. */
export function parseBody<T>(schema: z.ZodType<T>, value: unknown): T {
  const outcome = schema.safeParse(value);
  if (outcome.success) return outcome.data;
  const [issue] = outcome.error.issues;
  if (issue?.code === 'unrecognized_keys') {
    return fail('FIELD_UNKNOWN', { field: [...issue.path.map(String), issue.keys[0]].join('.') });
  }
  const field = issue?.path.map(String).join('.') || 'body';
  const message = issue?.message ?? 'another value';
  // Zod's own words are "Invalid input: expected number, received string"; ours are what was expected, alone.
  const [, expected = message, got = 'what was sent'] = /: expected (.+?)(?:, received (.+))?$/.exec(message) ?? [];
  return fail('FIELD_INVALID', { field, expected, got: got === 'undefined' ? 'nothing' : got });
}
