/** What the client takes from where it runs: time, randomness, fetch, and what a page is told about network and visibility. */
import type { Off } from './listeners.ts';
import { sleeplessClock } from './sleepless-clock.ts';

/** `visible`: the page is seen again, was resumed from a freeze, or restored from the back/forward cache. */
export type PlatformSignal = 'online' | 'offline' | 'visible';

/** What it takes to follow channels. Injected, so that everything runs on a fake clock and a fake network in tests. */
export interface Surroundings {
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
  /** Absent: this platform has no WebSocket. */
  readonly webSocket?: OpenSocket | undefined;
  /** A word kept for the next visit, where there is a place for it. */
  recall?(key: string): string | undefined;
  remember?(key: string, word: string): void;
}

/** All that the whole client takes from where it runs. */
export interface Platform extends Surroundings {
  /** A word that nobody else has, of letters, digits and `-`. */
  id(): string;
}

/** An open WebSocket, or one being opened: what is sent before `open` was told throws. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

/** What a WebSocket tells. */
export interface SocketListener {
  open(): void;
  /** Text; anything else is binary. */
  message(data: unknown): void;
  /** Once, and last, whether it was ever open or not. */
  close(code: number, reason: string): void;
}

/** Opens a WebSocket. Never throws for what a network does: that is told by `close`. */
export type OpenSocket = (url: string, protocols: readonly string[], on: SocketListener) => Socket;

/** Longer delays would overflow a timer and fire at once; who is woken early looks at the clock and sleeps again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How often a page looks whether it slept: what it missed is there within 3 s of waking. */
const LOOK_MS = 1500;

/** A browser page, a worker, or Node, without what only the whole client takes. */
export const SURROUNDINGS: Surroundings = {
  now: sleeplessClock(
    () => performance.now(),
    () => Date.now(),
  ),
  wallTime: () => Date.now(),
  random: () => Math.random(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, Math.min(delayMs, MAX_TIMER_MS));
    return () => clearTimeout(timer);
  },
  online: () => globalThis.navigator?.onLine !== false,
  watch,
  fetch: (url, init) => fetch(url, init),
};

/** Nothing is heard in Node, which has neither a document nor network events. */
function watch(listener: (signal: PlatformSignal) => void): Off {
  const stop = new AbortController();
  const page: Document | undefined = globalThis.document;
  const seen = (): void => {
    if (page?.visibilityState !== 'hidden') listener('visible');
  };
  // Before they get to the document, where some of them would stay.
  const options = { capture: true, signal: stop.signal };
  const hear = (type: string, tell: () => void): void => globalThis.addEventListener?.(type, tell, options);
  hear('online', () => listener('online'));
  hear('offline', () => listener('offline'));
  for (const type of ['pageshow', 'visibilitychange', 'resume']) hear(type, seen);
  const slept = page && watchSleep(seen);
  return () => {
    stop.abort();
    slept?.();
  };
}

/** A lid that is opened again tells a page nothing: a timer that comes late does. */
function watchSleep(tell: () => void): Off {
  let due = Infinity;
  const timer = setInterval(() => {
    const now = SURROUNDINGS.now();
    if (now > due) tell();
    due = now + 2 * LOOK_MS;
  }, LOOK_MS);
  return () => clearInterval(timer);
}
