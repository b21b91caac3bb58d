/** How the process of a server ends: in order when it is asked to, at once when nobody knows its state any more. */
import type { Logger } from '../../observe/logger.ts';

/** Supervisors kill after 30 s: better to go ourselves, with a line in the log. */
const PATIENCE_MS = 29_000;

/** For the last lines of the log. */
const LOG_MS = 1000;

/** SIGTERM and SIGINT end it in order; a second signal, or 29 s, at once. */
export function endOnSignals(close: () => Promise<void>, logger: Logger): void {
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    if (ending) {
      logger.warn({ signal }, 'second signal, ending at once');
      leave(logger, 1);
      return;
    }
    ending = true;
    logger.info({ signal }, 'ending');
    setTimeout(() => leave(logger, 1), PATIENCE_MS).unref();
    void close().then(() => leave(logger, 0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}

/**
 * What nobody caught left the process in a state that nobody knows: it ends at once, without draining, and its
 * supervisor starts a new one. The sqlite engine loses nothing that was acknowledged; clients reconnect and resume.
 */
export function endOnUncaught(logger: Logger): void {
  process.on('uncaughtException', (error) => {
    logger.fatal({ err: error }, 'uncaught exception, ending');
    leave(logger, 1);
  });
}

/**
 * Ends the process with its log, if somebody reads it. `process.exit` waits for a write that is under way, and would wait for ever where the
 * pipe behind standard output is full and nobody empties it.
 */
function leave(logger: Logger, code: number): void {
  setTimeout(() => process.kill(process.pid, 'SIGKILL'), LOG_MS);
  logger.flush(() => process.exit(code));
}
