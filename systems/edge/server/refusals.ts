/** A system's own error codes as data: status and message in both languages. A code once published is never used for something else. */
import { HttpError } from 'fanfare/http';

export interface Refusal {
  readonly status: number;
  readonly en: string;
  readonly vi: string;
}

export interface RefusalFacts {
  readonly details?: Readonly<Record<string, unknown>>;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whom it refuses, for the audit. @default nobody in particular */
  readonly subject?: string | undefined;
}

export type Refuse<Code extends string> = (code: Code, facts?: RefusalFacts) => never;

/** Gives the function that throws an error of the table. Inside a transaction that also takes back everything it did. */
export function refuser<Code extends string>(table: Readonly<Record<Code, Refusal>>): Refuse<Code> {
  return (code, facts = {}) => {
    const { status, en, vi } = table[code];
    throw new HttpError({ status, code, message: { en, vi }, ...facts });
  };
}
