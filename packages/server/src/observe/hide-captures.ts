/** Secrets that stand in names and addresses, such as a PIN in `court:{pin}` and `/court/{pin}`: a log has the rest of them. */

const CAPTURE = /\{[A-Za-z]\w*\}/;
/** One segment of a channel's name or a path, in a text where anything may come before and behind it. */
const SEGMENT = `[^\\s"'\\\\/?&#:,;]+`;

/**
 * Makes a function that writes `[redacted]` wherever a text has what a `{capture}` stands for, percent-encoded or not. It rather
 * hides too much than too little: `mycourt:1` is of the pattern `court:{pin}` too. Throws a TypeError for a pattern that begins
 * with a capture, or has none.
 */
export function hideCaptures(patterns: readonly string[]): (text: string) => string {
  const hidden = patterns.map((pattern) => {
    const literals = pattern.split(CAPTURE);
    if (literals.length === 1 || literals[0] === '') {
      throw new TypeError(`secrets: expected a pattern such as "court:{pin}" or "/court/{pin}", got "${pattern}"`);
    }
    const source = literals.map((literal) => `(${[...literal].map(plainOrEncoded).join('')})`).join(SEGMENT);
    const shown = literals.map((_, at) => `$${at + 1}`).join('[redacted]');
    return { expression: new RegExp(source, 'gi'), shown };
  });
  return (text) => hidden.reduce((rest, { expression, shown }) => rest.replace(expression, shown), text);
}

/** Of a character of a pattern, which is ASCII. */
function plainOrEncoded(character: string): string {
  const code = character.charCodeAt(0).toString(16).padStart(2, '0');
  return `(?:\\x${code}|%${code})`;
}
