/** Reads the fields of one untrusted JSON object; remembers the first that is wrong. Internal to the decoders. */
import { describeValue } from './names.ts';
import { accept, type Problem, type Result, refuse } from './result.ts';

type Check<T> = (value: unknown) => value is T;

export interface Rule<T> {
  readonly expected: string;
  readonly check: Check<T>;
  /** What a decoder goes on with after a wrong field; never leaves it, since `result` refuses. */
  readonly fallback: T;
  /** What came instead is not repeated: it may be a credential. @default false */
  readonly isSecret?: boolean;
}

/** A rule for a field whose value is never repeated. */
export function secretRule<T>(expected: string, fallback: T, check: Check<T>): Rule<T> {
  return { expected, fallback, check, isSecret: true };
}

export function rule<T>(expected: string, fallback: T, check: Check<T>): Rule<T> {
  return { expected, fallback, check };
}

/** Stands for a text that must not be repeated. */
const SOMETHING = Symbol('something else');

export class Fields {
  readonly #object: object;
  #problem: Problem | undefined;

  constructor(object: object) {
    this.#object = object;
  }

  required<T>(name: string, { expected, check, fallback, isSecret = false }: Rule<T>): T {
    const value = this.raw(name);
    if (check(value)) return value;
    this.refuse(name, expected, isSecret && typeof value === 'string' ? SOMETHING : value);
    return fallback;
  }

  /** `{ name: value }`, or `{}` where the field is absent: to be spread into a frame. */
  optional<K extends string, T>(name: K, type: Rule<T>): { readonly [P in K]?: T } {
    if (this.raw(name) === undefined) return {};
    // A computed key widens to string; this is the parse function that knows better.
    return { [name]: this.required(name, type) } as { readonly [P in K]?: T };
  }

  /** Own fields only: what the prototype holds was not sent. */
  raw(name: string): unknown {
    return Object.getOwnPropertyDescriptor(this.#object, name)?.value;
  }

  refuse(field: string, expected: string, value: unknown): void {
    const got = value === SOMETHING ? 'something else' : describeValue(value);
    this.#problem ??= { code: 'FRAME_INVALID', field, expected, got };
  }

  result<T>(value: T): Result<T> {
    return this.#problem === undefined ? accept(value) : refuse(this.#problem);
  }
}
