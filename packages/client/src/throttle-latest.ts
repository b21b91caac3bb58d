/** Calls a function at most once per interval and always with the last value: for painting what changes faster than eyes. */
import { SURROUNDINGS } from './platform.ts';

/** Time as the throttle sees it. */
export interface ThrottleClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

/** What `throttleLatest` makes: called with every value, it calls on with some of them. */
export interface ThrottledLatest<T> {
  /** At once when the interval has passed; otherwise the newest value is delivered when it has. */
  (value: T): void;
  /** Delivers a waiting value now. */
  flush(): void;
  /** Forgets a waiting value: for a view that is going away. */
  cancel(): void;
}

/**
 * A throttle with a trailing edge: at most one call in any `intervalMs`, and the last value of a burst is always delivered, at most
 * `intervalMs` after it came. 80 ms is a good interval for a page.
 */
export function throttleLatest<T>(
  intervalMs: number,
  deliver: (value: T) => void,
  clock: ThrottleClock = SURROUNDINGS,
): ThrottledLatest<T> {
  let waiting: { readonly value: T } | undefined;
  let cancelTimer: (() => void) | undefined;
  let quietUntil = Number.NEGATIVE_INFINITY;

  const cancel = (): void => {
    waiting = undefined;
    cancelTimer?.();
    cancelTimer = undefined;
  };
  const flush = (): void => {
    const held = waiting;
    cancel();
    if (held === undefined) return;
    quietUntil = clock.now() + intervalMs;
    deliver(held.value);
  };
  // A late timer (a busy or frozen page) must not hold back a value that is due.
  const look = (): void => {
    const remaining = quietUntil - clock.now();
    if (remaining <= 0) flush();
    else cancelTimer ??= clock.after(Math.ceil(remaining), ring);
  };
  const ring = (): void => {
    cancelTimer = undefined;
    look();
  };
  const push = (value: T): void => {
    waiting = { value };
    look();
  };
  return Object.assign(push, { flush, cancel });
}
