/** What went wrong with a command, as the frame that answers it [PROTOCOL §5.6]. */
import { ERRORS, type ErrorFrame, isErrorCode, type Language, type Problem } from '@fanfare/protocol';
import { errorOf } from '../../channels/fanfare-error.ts';
import { toHttpError } from '../../http/errors.ts';

/** Which command, and how its sender reads. */
export interface CommandFacts {
  readonly id?: number | undefined;
  readonly channel?: string | undefined;
  readonly language: Language;
  /** A fault of ours passes with time, for who may simply ask again. @default false */
  readonly faultsPass?: boolean;
}

const PASSING_STATUSES: readonly number[] = [429, 503];

export function commandError(error: unknown, { id, channel, language, faultsPass }: CommandFacts): ErrorFrame {
  const refused = toHttpError(error);
  const { code, message, details } = refused.body(language).error;
  const passes = isErrorCode(code) ? ERRORS[code].retry : PASSING_STATUSES.includes(refused.status);
  return {
    type: 'error',
    code,
    message,
    ...(channel === undefined ? {} : { channel }),
    ...(id === undefined ? {} : { id }),
    ...(passes || (faultsPass === true && code === 'INTERNAL') ? { retry: true } : {}),
    ...(details === undefined ? {} : { details }),
  };
}

/** The answer to what is no frame. */
export function frameError(problem: Problem, facts: CommandFacts): ErrorFrame {
  return commandError(errorOf(problem), facts);
}
