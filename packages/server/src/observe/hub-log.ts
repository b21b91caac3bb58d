/** Hub events as log lines, so many a second of each kind. */
import type { HubEvent } from '../core/index.ts';
import { LineBudget } from './line-budget.ts';
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
  'limit-reached': 'info',
  'access-denied': 'info',
  'hole-in-follow': 'warn',
  'engine-failed': 'error',
  'transports-switched': 'info',
  'drain-started': 'info',
  'drain-ended': 'info',
};

/** Logs until the returned function is called. Hub events hold ids, codes and counts: never a payload or a credential. */
export function logHubEvents(
  source: HubEventSource,
  logger: Logger,
  now: () => number = performance.now.bind(performance),
): () => void {
  const budgets = new Map<string, LineBudget>();
  return source.observe((event) => {
    const level = LEVELS[event.kind];
    if (!logger.isLevelEnabled(level)) {
      return;
    }
    const { kind, ...facts } = event;
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
