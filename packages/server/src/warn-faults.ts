/** `onError` of an application that gave none: a fault that nobody hears of is searched for hours. */
import type { Clock } from './core/index.ts';

const SILENCE_MS = 60_000;
const MAX_MESSAGES = 50;

/**
 * Reports by `process.emitWarning`, which goes to stderr unless the application listens: each distinct message once a
 * minute, and at most 50 different ones, so that a fault of every request cannot flood the log. Never throws.
 */
export function warnOfFaults(clock: Pick<Clock, 'now'>): (error: unknown) => void {
  /** When each was told, oldest first. */
  const told = new Map<string, number>();
  return (error) => {
    const now = clock.now();
    for (const [message, at] of told) {
      if (now - at < SILENCE_MS) break;
      told.delete(message);
    }
    const { message, detail } = describeFault(error);
    if (told.has(message) || told.size >= MAX_MESSAGES) return;
    told.set(message, now);
    process.emitWarning(message, { type: 'FanfareWarning', detail });
  };
}

/** The application's own `onError`; what that throws is warned of, and hurts nobody. @default `warnOfFaults` */
export function reportFaults(
  clock: Pick<Clock, 'now'>,
  onError: ((error: unknown) => void) | undefined,
): (error: unknown) => void {
  const warn = warnOfFaults(clock);
  if (onError === undefined) return warn;
  return (error) => {
    try {
      onError(error);
    } catch (fault) {
      warn(fault);
    }
  };
}

function describeFault(error: unknown): { readonly message: string; readonly detail: string } {
  if (!(error instanceof Error)) return { message: `a fault was met: a ${typeof error} was thrown`, detail: '' };
  return {
    message: `a fault was met: ${error.name}: ${error.message}`,
    detail: `${String(error.stack)}\nGive createFanfare an onError to report faults your way.`,
  };
}
