/** Ends the process in order on SIGTERM and SIGINT; a second signal, or 29 s, ends it at once. */
import type { Logger } from '../observe/logger.ts';

/** Supervisors kill after 30 s: better to go ourselves, with a line in the log. */
const PATIENCE_MS = 29_000;

export function endOnSignals(close: () => Promise<void>, logger: Logger): void {
  let ending = false;
  const end = (signal: NodeJS.Signals): void => {
    if (ending) {
      logger.warn({ signal }, 'second signal, ending at once');
      process.exit(1);
    }
    ending = true;
    logger.info({ signal }, 'ending');
    setTimeout(() => process.exit(1), PATIENCE_MS).unref();
    void close().then(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
}
