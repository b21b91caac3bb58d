/** The one error that the public API throws for what a caller may expect: a stable code, an HTTP status, and the details. */
import { describeError, ERRORS, type ErrorCode, isErrorCode, type Problem } from '@fanfare/protocol';
import { EngineUnavailable } from '../core/index.ts';

/** What an error may have beside its code. */
export interface FanfareErrorOptions {
  /** What a program may want to know: field, expected, got. */
  readonly details?: Readonly<Record<string, unknown>>;
  /** @default the catalogue's English text of the code */
  readonly message?: string;
  readonly cause?: unknown;
}

/** What the public API rejects with: a code of the catalogue, which never changes its meaning. */
export class FanfareError extends Error {
  override readonly name = 'FanfareError';
  readonly code: ErrorCode;
  /** HTTP status that the code stands for. */
  readonly status: number;
  /** The same call may succeed later. */
  readonly retry: boolean;
  /** What a program may want to know: field, expected, got. */
  readonly details: Readonly<Record<string, unknown>> | undefined;

  constructor(code: ErrorCode, options: FanfareErrorOptions = {}) {
    super(options.message ?? describeError(code, 'en', options.details), { cause: options.cause });
    this.code = code;
    this.status = ERRORS[code].status;
    this.retry = ERRORS[code].retry;
    this.details = options.details;
  }
}

/** What a parser refused, as an error. */
export function errorOf(problem: Problem): FanfareError {
  const { code, field, expected, got } = problem;
  return new FanfareError(isErrorCode(code) ? code : 'INTERNAL', { details: { field, expected, got } });
}

/** Rejections of the engine, in the words of the public API. */
export function unavailableAsError<T>(outcome: Promise<T>): Promise<T> {
  return outcome.catch(refuseUnavailable);
}

/** The second half of a `then`: rejects with what the public API says for it. */
export function refuseUnavailable(cause: unknown): never {
  if (!(cause instanceof EngineUnavailable)) throw cause;
  throw new FanfareError(cause.unknown ? 'OUTCOME_UNKNOWN' : 'ENGINE_UNAVAILABLE', { cause });
}
