/** The error catalogue: every stable code of hub, HTTP API and configuration [PROTOCOL §9]. docs/reference/errors.md mirrors it. */

import type { ErrorEntry } from './error-entry.ts';
import { ACCESS_ERRORS } from './errors-access.ts';
import { INPUT_ERRORS } from './errors-input.ts';
import { SERVER_ERRORS } from './errors-server.ts';

/** A code of the catalogue. */
export type ErrorCode = keyof typeof INPUT_ERRORS | keyof typeof ACCESS_ERRORS | keyof typeof SERVER_ERRORS;

/** The languages of messages. */
export type Language = 'en' | 'vi';

/** A code once published never changes its meaning and is never used again. */
export const ERRORS: { readonly [C in ErrorCode]: ErrorEntry } = {
  ...INPUT_ERRORS,
  ...ACCESS_ERRORS,
  ...SERVER_ERRORS,
};

/** Is it of the catalogue? An application's own codes are not. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}

/** The message of a code for people, with the details filled in; a part whose details are missing is left out. */
export function describeError(
  code: ErrorCode,
  language: Language,
  details: Readonly<Record<string, unknown>> = {},
): string {
  return ERRORS[code][language].replace(OPTIONAL_PART, (_, part: string) => fill(part, details) ?? '');
}

const OPTIONAL_PART = /\[([^\]]*)\]/g;
const PLACEHOLDER = /\{([A-Za-z]+)\}/g;
/** What could break a line of a log or hide text on a terminal. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** undefined when a placeholder has no detail. */
function fill(part: string, details: Readonly<Record<string, unknown>>): string | undefined {
  let complete = true;
  const text = part.replace(PLACEHOLDER, (_, name: string) => {
    const value = Object.hasOwn(details, name) ? details[name] : undefined;
    if (typeof value === 'string' || typeof value === 'number') return printable(String(value));
    complete = false;
    return '';
  });
  return complete ? text : undefined;
}

function printable(text: string): string {
  return (text.length > 160 ? `${text.slice(0, 160)}…` : text).replace(UNPRINTABLE, '?');
}
