/** What the client takes from where it runs: time, randomness, fetch, and what a page is told about network and visibility. */
import type { Off } from './listeners.ts';

/** `visible`: the page is seen again, was resumed from a freeze, or restored from the back/forward cache. */
export type PlatformSignal = 'online' | 'offline' | 'visible';

/** Injected, so that everything runs on a fake clock and a fake network in tests. */
export interface Platform {
  /** Monotonic milliseconds: for every interval and deadline. */
  now(): number;
  /** Wall clock, milliseconds since the epoch: only for what people read. */
  wallTime(): number;
  /** Uniform in [0, 1). */
  random(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): Off;
  /** false only when the platform is sure that there is no network. */
  online(): boolean;
  /** Tells signals until the returned function is called. */
  watch(listener: (signal: PlatformSignal) => void): Off;
  fetch(url: string, init: RequestInit): Promise<Response>;
}

/** Longer delays would overflow a timer and fire at once; who is woken early looks at the clock and sleeps again. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/** A browser page, a worker, or Node. */
export const HERE: Platform = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  online: () => typeof navigator === 'undefined' || navigator.onLine !== false,
  watch,
  fetch: (url, init) => fetch(url, init),
};

/** Nothing is heard in Node, which has neither a document nor network events. */
function watch(listener: (signal: PlatformSignal) => void): Off {
  const stop = new AbortController();
  const hear = (target: EventTarget | undefined, type: string, tell: () => void): void => {
    target?.addEventListener?.(type, tell, { signal: stop.signal });
  };
  const page = typeof document === 'undefined' ? undefined : document;
  const seen = (): void => {
    if (page?.visibilityState !== 'hidden') listener('visible');
  };
  hear(globalThis, 'online', () => listener('online'));
  hear(globalThis, 'offline', () => listener('offline'));
  hear(globalThis, 'pageshow', seen);
  hear(page, 'visibilitychange', seen);
  hear(page, 'resume', seen);
  return () => stop.abort();
}
