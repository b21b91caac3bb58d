/** The heartbeat of the server: renews `server:status` every second while somebody watches it. */
import type { Fanfare } from 'fanfare';
import type { ServerChannels, ServerStatus } from './channels.ts';

const CHANNEL = 'server:status';
const EVERY_MS = 1000;

/** Of a Fanfare, what the heartbeat needs. */
export type Pulse = Pick<Fanfare<ServerChannels>, 'channel' | 'channels' | 'observe' | 'stats'>;

/**
 * Begins; the returned function ends it. Nobody watching: nothing is published. The first to come after a pause gets a fresh
 * value at once, not only what was kept from the last time somebody watched.
 */
export function beatEverySecond(live: Pulse, onError: (error: unknown) => void): () => void {
  let last = live.stats();
  let status = statusOf(last, last);

  const publish = (): void => {
    live.channel(CHANNEL).set(status).catch(onError);
  };
  const timer = setInterval(() => {
    const stats = live.stats();
    status = statusOf(last, stats);
    last = stats;
    if (watchers(live) > 0) publish();
  }, EVERY_MS);
  timer.unref();
  const unobserve = live.observe((event) => {
    if (event.kind !== 'subscribed' || event.channel !== CHANNEL || watchers(live) > 1) return;
    // The rates are of the last whole second, everything else of now.
    const { eventsPerSecond, deliveredPerSecond } = status;
    status = { ...statusOf(last, live.stats()), eventsPerSecond, deliveredPerSecond };
    publish();
  });

  return () => {
    clearInterval(timer);
    unobserve();
  };
}

type Stats = ReturnType<Pulse['stats']>;

function statusOf(before: Stats, now: Stats): ServerStatus {
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

function watchers(live: Pulse): number {
  return live.channels().find(({ channel }) => channel === CHANNEL)?.subscribers ?? 0;
}
