/** Errors as an HTTP caller sees them: `{"error":{"code","message","details"?}}`, the code stable, the message in the reader's language. */
import { describeError, describeValue, ERRORS, type ErrorCode, isErrorCode, type Language } from '@fanfare/protocol';

/** A message in every language there is. */
export type Messages = Readonly<Record<Language, string>>;

export interface HttpErrorOptions {
  readonly status: number;
  /** UPPER_SNAKE; once published never used for something else. */
  readonly code: string;
  readonly message: string | Messages;
  /** Facts for a program: which field, what was expected. Never a secret: it is sent as it is. */
  readonly details?: unknown;
  readonly headers?: Readonly<Record<string, string>>;
  /** Whom it refuses: for the audit, and in no answer. @default nobody in particular */
  readonly subject?: string | undefined;
}

/** What every error answer says. */
export interface ErrorBody {
  readonly error: { readonly code: string; readonly message: string; readonly details?: unknown };
}

/** An answer with an error status, thrown from a handler; the router renders it. */
export class HttpError extends Error {
  override readonly name: string = 'HttpError';
  readonly status: number;
  readonly code: string;
  readonly details: unknown;
  readonly headers: Readonly<Record<string, string>>;
  readonly #messages: Messages;
  /** Not among the properties: no log and no answer shows it by accident. */
  readonly #subject: string | undefined;

  constructor(options: HttpErrorOptions) {
    const messages =
      typeof options.message === 'string' ? { en: options.message, vi: options.message } : options.message;
    super(messages.en);
    this.status = options.status;
    this.code = options.code;
    this.details = options.details;
    this.headers = options.headers ?? {};
    this.#messages = messages;
    this.#subject = options.subject;
  }

  /** Whom it refuses, where that is known. */
  get subject(): string | undefined {
    return this.#subject;
  }

  /** The body of the answer, to be serialised. */
  body(language: Language): ErrorBody {
    const { code, details } = this;
    const message = this.#messages[language];
    return { error: details === undefined ? { code, message } : { code, message, details } };
  }
}

/** The caller hung up while we were reading: nobody is there to answer and nothing went wrong here. */
export class RequestAborted extends Error {
  override readonly name: string = 'RequestAborted';
}

export type ErrorDetails = Readonly<Record<string, unknown>>;

/** An error of the catalogue, not thrown yet. */
export function catalogueError(
  code: ErrorCode,
  details?: ErrorDetails,
  headers: Readonly<Record<string, string>> = {},
): HttpError {
  return new HttpError({ ...inCatalogue(code, details), headers });
}

/** Throws an error of the catalogue: its status, and its message in the caller's language. */
export function fail(code: ErrorCode, details?: ErrorDetails): never {
  throw catalogueError(code, details);
}

/** The same to somebody known: the audit says whom it refused, and the answer does not. */
export function failFor({ subject }: { readonly subject: string }, code: ErrorCode, details?: ErrorDetails): never {
  throw new HttpError({ ...inCatalogue(code, details), subject });
}

function inCatalogue(code: ErrorCode, details: ErrorDetails | undefined): HttpErrorOptions {
  const message = { en: describeError(code, 'en', details), vi: describeError(code, 'vi', details) };
  return { status: ERRORS[code].status, code, message, details };
}

/** Throws FIELD_INVALID: `field` had to be `expected`. */
export function refuseField(field: string, expected: string, got: unknown): never {
  return fail('FIELD_INVALID', { field, expected, got: describeValue(got) });
}

/** 429 RATE_LIMITED, and when to come back: in whole seconds, at least one. */
export function tooMany(retryAfterMs: number): HttpError {
  const seconds = Math.max(1, Math.ceil(retryAfterMs / 1000));
  return catalogueError('RATE_LIMITED', { seconds }, { 'Retry-After': String(seconds) });
}

/** What a thrown value becomes on the wire. Anything unknown is 500 INTERNAL and tells the caller nothing. */
export function toHttpError(error: unknown): HttpError {
  if (error instanceof HttpError) {
    return error;
  }
  if (!(error instanceof Error)) {
    return catalogueError('INTERNAL');
  }
  if (error.name === 'EngineUnavailable') {
    const code = 'unknown' in error && error.unknown === true ? 'OUTCOME_UNKNOWN' : 'ENGINE_UNAVAILABLE';
    return catalogueError(code, undefined, { 'Retry-After': '1' });
  }
  if (error.name === 'AccessUnavailable') {
    return catalogueError('ACCESS_UNAVAILABLE', undefined, { 'Retry-After': '1' });
  }
  const { code, status, details } = publicFacts(error);
  if (code === undefined || status === undefined) {
    return catalogueError('INTERNAL');
  }
  return isErrorCode(code)
    ? catalogueError(code, details)
    : new HttpError({ status, code, message: error.message, details });
}

/** Is this our failing, or of somebody whom we ask, to be reported to the operator, and not the caller's? */
export function isUnexpected(error: unknown): boolean {
  if (error instanceof RequestAborted) return false;
  const { code } = toHttpError(error);
  return code === 'INTERNAL' || code === 'ACCESS_UNAVAILABLE';
}

interface PublicFacts {
  readonly code: string | undefined;
  readonly status: number | undefined;
  readonly details: ErrorDetails | undefined;
}

/** `code`, `status` and `details` of an error that was made to be shown: both present and well formed (a Node system error has no status). */
function publicFacts(error: Error): PublicFacts {
  const code = 'code' in error && typeof error.code === 'string' && /^[A-Z][A-Z0-9_]*$/.test(error.code);
  const status = 'status' in error && typeof error.status === 'number' && error.status >= 400 && error.status < 600;
  return {
    code: code ? String(error.code) : undefined,
    status: status ? Number(error.status) : undefined,
    details: 'details' in error && isRecord(error.details) ? error.details : undefined,
  };
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
