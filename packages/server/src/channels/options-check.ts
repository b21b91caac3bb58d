/** Options as an application wrote them: a misspelt name or a value of the wrong type is refused by name, when it is made. */
import { describeValue } from '@fanfare/protocol';

export interface OptionRule {
  /** Completes "expected …"; where it helps, as the code to write. */
  readonly expected: string;
  readonly fits: (value: unknown) => boolean;
  /** May not be left out. @default false */
  readonly required?: boolean;
}

/** One rule per option of `O`, so that an option without its rule does not compile. */
export type OptionRules<O> = { readonly [K in keyof Required<O>]: OptionRule };

export interface CheckedOptions {
  /** Who takes them, as messages begin: `log()`. */
  readonly owner: string;
  readonly options: unknown;
  readonly rules: Readonly<Record<string, OptionRule>>;
}

/** Longer names are nobody's misspelling. */
const MAX_NAME_LENGTH = 64;
const MAX_EDITS = 2;

/** Throws a TypeError for the first option that is unknown, missing or of the wrong kind. `undefined` counts as left out. */
export function checkOptions({ owner, options, rules }: CheckedOptions): void {
  if (!isRecord(options))
    throw new TypeError(`${owner}: expected an object of options, got ${describeValue(options)}.`);
  for (const name of Object.keys(options)) {
    if (!Object.hasOwn(rules, name))
      throw new TypeError(`${owner} has no option ${describeValue(name)}; ${hint(name, rules)}`);
  }
  for (const [name, { expected, fits, required = false }] of Object.entries(rules)) {
    const value = options[name];
    if (value === undefined ? required : !fits(value)) {
      throw new TypeError(`${owner}: ${name}: expected ${expected}, got ${describeValue(value)}.`);
    }
  }
}

export function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function isFunction(value: unknown): boolean {
  return typeof value === 'function';
}

function hint(name: string, rules: CheckedOptions['rules']): string {
  const near = nearestName(name, Object.keys(rules));
  return near === undefined ? `it has ${Object.keys(rules).join(', ')}.` : `did you mean "${near}"?`;
}

/** The known name that takes the fewest edits, up to two; capitals do not count. undefined: none is near. */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  if (name.length > MAX_NAME_LENGTH) return undefined;
  const distances = known.map((candidate) => edits(name.toLowerCase(), candidate.toLowerCase()));
  // Two edits away from a name of four letters is any other word.
  const allowed = Math.min(MAX_EDITS, Math.floor(name.length / 2));
  const least = Math.min(...distances);
  return least <= allowed ? known[distances.indexOf(least)] : undefined;
}

/** Levenshtein: letters to add, to drop or to replace until one is the other. */
function edits(from: string, to: string): number {
  let row = Array.from({ length: to.length + 1 }, (_, at) => at);
  for (const [at, letter] of [...from].entries()) {
    const next = [at + 1];
    for (let column = 1; column <= to.length; column += 1) {
      const replaced = (row[column - 1] ?? 0) + (to[column - 1] === letter ? 0 : 1);
      next.push(Math.min(replaced, (row[column] ?? 0) + 1, (next[column - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row[to.length] ?? 0;
}
