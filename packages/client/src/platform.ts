/** What the client takes from where it runs: time, randomness, fetch, and what a page is told about network and visibility. */
import { openSocket } from '#websocket';
import type { Off } from './listeners.ts';
import { sleeplessClock } from './sleepless-clock.ts';

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
  /** Absent: this platform has no WebSocket. */
  readonly webSocket?: OpenSocket;
  /** A word kept for the next visit, where there is a place for it. */
  recall?(key: string): string | undefined;
  remember?(key: string, word: string): void;
  /** A word that nobody else has: 22 letters and digits. */
  id(): string;
}

/** An open WebSocket, or one being opened: what is sent before `open` was told throws. */
export interface Socket {
  send(text: string): void;
  close(code?: number): void;
}

export interface SocketListener {
  open(): void;
  /** Text; anything else is binary. */
  message(data: unknown): void;
  /** Once, and last, whether it was ever open or not. */
  close(code: number, reason: string): void;
}

export type OpenSocket = (url: string, protocols: readonly string[], on: SocketListener) => Socket;

/** Longer delays would overflow a timer and fire at once; who is woken early looks at the clock and sleeps again. */
const MAX_TIMER_MS = 2 ** 31 - 1;
/** How often a page looks whether it slept: what it missed is there within 3 s of waking. */
const LOOK_MS = 1500;

/** A browser page, a worker, or Node. */
export const HERE: Platform = {
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
  online: () => typeof navigator === 'undefined' || navigator.onLine !== false,
  watch,
  fetch: (url, init) => fetch(url, init),
  ...(openSocket && { webSocket: openSocket }),
  recall: (key) => storage()?.getItem(key) ?? undefined,
  remember: (key, word) => {
    try {
      storage()?.setItem(key, word);
    } catch {
      // The place is full; the next visit finds out by itself.
    }
  },
  id: () => [...crypto.getRandomValues(new Uint8Array(22))].map((byte) => (byte % 36).toString(36)).join(''),
};

/** Reading it may throw where a page is forbidden to keep anything. */
function storage(): Storage | undefined {
  try {
    // Workers have none, and Node warns about its own.
    return typeof document === 'undefined' ? undefined : localStorage;
  } catch {
    return undefined;
  }
}

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
  const slept = page && watchSleep(seen);
  return () => {
    stop.abort();
    slept?.();
  };
}

/** A lid that is opened again tells a page nothing: a timer that comes late does. */
function watchSleep(tell: () => void): Off {
  let due = HERE.now() + LOOK_MS;
  const timer = setInterval(() => {
    if (HERE.now() > due + LOOK_MS) tell();
    due = HERE.now() + LOOK_MS;
  }, LOOK_MS);
  return () => clearInterval(timer);
}
