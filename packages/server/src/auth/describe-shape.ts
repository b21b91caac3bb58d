/** What an application's function answered, for the message that says what it should have. */
import { describeValue } from '@fanfare/protocol';

const MAX_FIELDS = 8;

/** Of an object its fields: which one is missing or wrong is the question. Never a text: it may be anybody's name or secret. */
export function describeShape(value: unknown): string {
  if (typeof value === 'string') return 'a string';
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return describeValue(value);
  const fields = Object.entries(value).slice(0, MAX_FIELDS);
  const parts = fields.map(([name, held]) => `${name}: ${typeof held === 'string' ? 'a string' : describeValue(held)}`);
  return parts.length === 0 ? '{}' : `{ ${parts.join(', ')} }`;
}
