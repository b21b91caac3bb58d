/** The outcome of parsing untrusted input: a value, or what was wrong with it. Parsers never throw. */
export type Result<T> = { readonly ok: true; readonly value: T } | { readonly ok: false; readonly problem: Problem };

/** What a parser refuses: the stable error code, the field, what was expected there and what came instead. */
export interface Problem {
  readonly code: string;
  readonly field: string;
  readonly expected: string;
  readonly got: string;
}

/** The value of a parser that took its input. */
export function accept<T>(value: T): Result<T> {
  return { ok: true, value };
}

/** The problem of a parser that did not. */
export function refuse(problem: Problem): { readonly ok: false; readonly problem: Problem } {
  return { ok: false, problem };
}
