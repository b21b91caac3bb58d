/** Where a text stops being JSON. Runs only after `JSON.parse` refused: its message differs between Node versions and may quote the payload. */

const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
// biome-ignore lint/suspicious/noControlCharactersInRegex: JSON forbids exactly these inside a string
const STRING = /"(?:[^"\\\u0000-\u001f]+|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
const SPACE = /[ \t\n\r]*/y;
const LITERALS = ['true', 'false', 'null'] as const;

/** Index of the first character that cannot stand there; the length of the text when it ends too early. */
export function jsonErrorPosition(text: string): number {
  const scanner = new Scanner(text);
  return scanner.document() ? text.length : scanner.at;
}

/** What the grammar wants next: a value, the inside of a container, or what follows a value. */
type Expectation = 'value' | 'first-item' | 'first-name' | 'name' | 'after-value';

/** A pushdown scanner without recursion: its input is whatever came over the wire. */
class Scanner {
  at = 0;
  readonly #text: string;
  /** Open containers, innermost last: `[` or `{`. */
  readonly #open: string[] = [];

  constructor(text: string) {
    this.#text = text;
  }

  document(): boolean {
    let expected: Expectation | undefined = 'value';
    while (expected !== undefined) {
      this.#skip(SPACE);
      if (expected === 'after-value' && this.#open.length === 0) {
        return this.at === this.#text.length;
      }
      expected = this.#step(expected);
    }
    return false;
  }

  /** Consumes one token; undefined: it may not stand here, and `at` points to it. */
  #step(expected: Expectation): Expectation | undefined {
    const char = this.#text[this.at];
    if (char === undefined) {
      return undefined;
    }
    if (expected === 'after-value') {
      return this.#afterValue(char);
    }
    if ((expected === 'first-item' && char === ']') || (expected === 'first-name' && char === '}')) {
      return this.#close();
    }
    if (expected === 'name' || expected === 'first-name') {
      return this.#name(char);
    }
    return this.#value(char);
  }

  #value(char: string): Expectation | undefined {
    if (char === '{' || char === '[') {
      this.#open.push(char);
      this.at++;
      return char === '{' ? 'first-name' : 'first-item';
    }
    if (char === '"') {
      return this.#string() ? 'after-value' : undefined;
    }
    const literal = LITERALS.find((word) => word[0] === char);
    if (literal !== undefined) {
      return this.#literal(literal) ? 'after-value' : undefined;
    }
    return this.#skip(NUMBER) > 0 ? 'after-value' : undefined;
  }

  #name(char: string): Expectation | undefined {
    if (char !== '"' || !this.#string()) {
      return undefined;
    }
    this.#skip(SPACE);
    if (this.#text[this.at] !== ':') {
      return undefined;
    }
    this.at++;
    return 'value';
  }

  #afterValue(char: string): Expectation | undefined {
    const open = this.#open.at(-1);
    if (char === ',') {
      this.at++;
      return open === '{' ? 'name' : 'value';
    }
    return char === (open === '{' ? '}' : ']') ? this.#close() : undefined;
  }

  #close(): Expectation {
    this.#open.pop();
    this.at++;
    return 'after-value';
  }

  #string(): boolean {
    this.#skip(STRING);
    if (this.#text[this.at] !== '"') {
      return false;
    }
    this.at++;
    return true;
  }

  #literal(word: string): boolean {
    for (const char of word) {
      if (this.#text[this.at] !== char) {
        return false;
      }
      this.at++;
    }
    return true;
  }

  #skip(pattern: RegExp): number {
    pattern.lastIndex = this.at;
    const length = pattern.exec(this.#text)?.[0].length ?? 0;
    this.at += length;
    return length;
  }
}
