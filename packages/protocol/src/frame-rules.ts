/** What the fields of a frame may hold, and how a text becomes an object. Internal to the two decoders. */
import { Fields, type Rule, rule } from './fields.ts';
import { jsonDepthWithin } from './json-depth.ts';
import { describeValue, parseChannelName } from './names.ts';
import { accept, type Problem, type Result, refuse } from './result.ts';

export const isString = (value: unknown): value is string => typeof value === 'string';
export const isCount = (value: unknown): value is number => Number.isSafeInteger(value) && Number(value) >= 0;

export const CHANNEL: Rule<string> = rule('a channel name', '', (value): value is string => parseChannelName(value).ok);
export const STRING: Rule<string> = rule('a string', '', isString);
export const COUNT: Rule<number> = rule('a whole number from 0', 0, isCount);
export const POSITION: Rule<string> = rule(
  'a string of at most 4096 characters',
  '',
  (value): value is string => isString(value) && value.length <= 4096,
);

/**
 * The fields of a JSON object; refused with FRAME_INVALID when the text is none, or nests too deep. `isSecret`: a text that is no JSON
 * is not repeated, since it may be a command with a token in it.
 */
export function parseFields(text: string, maxDepth: number, isSecret = false): Result<Fields> {
  if (!jsonDepthWithin(text, maxDepth)) {
    return invalidFrame(`JSON nested at most ${maxDepth} levels deep`, 'deeper JSON');
  }
  try {
    return readFields(JSON.parse(text));
  } catch {
    return invalidFrame('JSON', isSecret ? 'a text that is none' : describeValue(text));
  }
}

export function readFields(value: unknown): Result<Fields> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? accept(new Fields(value))
    : invalidFrame('an object', describeValue(value));
}

export function invalidFrame(
  expected: string,
  got: string,
  field = 'frame',
): { readonly ok: false; readonly problem: Problem } {
  return refuse({ code: 'FRAME_INVALID', field, expected, got });
}
