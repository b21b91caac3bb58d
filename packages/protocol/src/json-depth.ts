/** How deep a JSON text nests, told before it is parsed: `JSON.parse` takes 10 000 levels that `JSON.stringify` then throws on. */

/** Levels of a request body and of a client's frame [PROTOCOL §10]. */
export const MAX_JSON_DEPTH = 32;

/**
 * `[]` is one level, a scalar none. Exact for every prefix that is JSON, which is as far as `JSON.parse` would get; for the
 * rest of a broken text the answer may be either, and the parser refuses it anyway. Never throws.
 */
export function jsonDepthWithin(text: string, max: number): boolean {
  let depth = 0;
  let index = 0;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) {
      index = stringEnd(text, index);
    } else if (unit === OPEN_BRACKET || unit === OPEN_BRACE) {
      depth += 1;
      if (depth > max) return false;
    } else if (unit === CLOSE_BRACKET || unit === CLOSE_BRACE) {
      depth -= 1;
    }
    index += 1;
  }
  return true;
}

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const OPEN_BRACKET = 0x5b;
const CLOSE_BRACKET = 0x5d;
const OPEN_BRACE = 0x7b;
const CLOSE_BRACE = 0x7d;

/** Index of the quote that ends the string which begins at `start`; the text's length when none does. */
function stringEnd(text: string, start: number): number {
  let index = start + 1;
  while (index < text.length) {
    const unit = text.charCodeAt(index);
    if (unit === QUOTE) return index;
    index += unit === BACKSLASH ? 2 : 1;
  }
  return text.length;
}
