/** The heartbeat of the server: renews `server:status` every second while somebody watches it. */
import type { ChannelReport, HubObserver, HubStats } from 'fanfare';
import type { ServerStatus } from './channels.ts';

const CHANNEL = 'server:status';
const EVERY_MS = 1000;

export interface PulseOptions {
  /** What a Fanfare tells about itself. */
  readonly live: {
    stats(): HubStats;
    channels(): readonly Pick<ChannelReport, 'channel' | 'subscribers'>[];
    observe(listener: HubObserver): () => void;
  };
  /** Sets the channel's value. */
  readonly publish: (status: ServerStatus) => Promise<unknown>;
  /** Told what `publish` rejects with; the next beat comes all the same. */
  readonly onError: (error: unknown) => void;
}

/**
 * Begins; the returned function ends it. Nobody watching: nothing is published. The first to come after a pause gets a fresh
 * value at once, not only what was kept from the last time somebody watched.
 */
export function beatEverySecond({ live, publish, onError }: PulseOptions): () => void {
  let last = live.stats();
  let status = statusOf(last, last);

  const watchers = (): number => live.channels().find(({ channel }) => channel === CHANNEL)?.subscribers ?? 0;
  const beat = (): void => {
    publish(status).catch(onError);
  };
  const timer = setInterval(() => {
    const stats = live.stats();
    status = statusOf(last, stats);
    last = stats;
    if (watchers() > 0) beat();
  }, EVERY_MS);
  timer.unref();
  const unobserve = live.observe((event) => {
    if (event.kind !== 'subscribed' || event.channel !== CHANNEL || watchers() > 1) return;
    // The rates are of the last whole second, everything else of now.
    const { eventsPerSecond, deliveredPerSecond } = status;
    status = { ...statusOf(last, live.stats()), eventsPerSecond, deliveredPerSecond };
    beat();
  });

  return () => {
    clearInterval(timer);
    unobserve();
  };
}

function statusOf(before: HubStats, now: HubStats): ServerStatus {
  const seconds = Math.max(1, now.uptimeMs - before.uptimeMs) / 1000;
  const rate = (from: number, to: number): number => Math.round((to - from) / seconds);
  return {
    connections: now.connections,
    subscriptions: now.subscriptions,
    channels: now.channels,
    eventsPerSecond: rate(before.published, now.published),
    deliveredPerSecond: rate(before.delivered, now.delivered),
    uptimeMs: Math.round(now.uptimeMs),
  };
}
