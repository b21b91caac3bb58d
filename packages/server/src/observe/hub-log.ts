/** Hub events as log lines. A fault that repeats a thousand times a second must not turn the log into a second fault. */
import type { HubEvent } from '../core/index.ts';
import type { Logger } from './logger.ts';

export interface HubEventSource {
  observe(listener: (event: HubEvent) => void): () => void;
}

type Level = 'debug' | 'info' | 'warn' | 'error';

const LEVELS: Readonly<Record<HubEvent['kind'], Level>> = {
  'connection-opened': 'debug',
  'connection-closed': 'debug',
  subscribed: 'debug',
  unsubscribed: 'debug',
  'subscribe-refused': 'info',
  'history-lost': 'info',
  'slow-consumer': 'warn',
  'connection-failed': 'error',
  'hole-in-follow': 'warn',
  'engine-failed': 'error',
  'drain-started': 'info',
  'drain-ended': 'info',
};

/** Lines per kind and second; what exceeds them is counted, and told with the next line. */
const MAX_LINES_PER_SECOND = 20;

/** Logs until the returned function is called. Hub events hold ids, codes and counts: never a payload or a credential. */
export function logHubEvents(
  source: HubEventSource,
  logger: Logger,
  now: () => number = performance.now.bind(performance),
): () => void {
  const budgets = new Map<string, LineBudget>();
  return source.observe((event) => {
    const { kind, ...facts } = event;
    const level = LEVELS[kind];
    if (!logger.isLevelEnabled(level)) {
      return;
    }
    const budget = budgets.get(kind) ?? new LineBudget();
    budgets.set(kind, budget);
    if (budget.take(now())) {
      const suppressed = budget.suppressed();
      logger[level](lineOf(facts, suppressed), kind);
    }
  });
}

/** pino prints an error in full under `err`; nobody reads fractions of a millisecond. */
function lineOf(facts: Readonly<Record<string, unknown>>, suppressed: number): object {
  const { error, ...others } = facts;
  const rest = Object.fromEntries(
    Object.entries(others).map(([name, value]) => [name, typeof value === 'number' ? Math.round(value) : value]),
  );
  return { ...rest, ...(error === undefined ? {} : { err: error }), ...(suppressed === 0 ? {} : { suppressed }) };
}

class LineBudget {
  #windowStart = Number.NEGATIVE_INFINITY;
  #lines = 0;
  #suppressed = 0;

  take(now: number): boolean {
    if (now - this.#windowStart >= 1000) {
      this.#windowStart = now;
      this.#lines = 0;
    }
    this.#lines += 1;
    if (this.#lines > MAX_LINES_PER_SECOND) {
      this.#suppressed += 1;
      return false;
    }
    return true;
  }

  /** How many lines were left out since it was last asked. */
  suppressed(): number {
    const count = this.#suppressed;
    this.#suppressed = 0;
    return count;
  }
}
