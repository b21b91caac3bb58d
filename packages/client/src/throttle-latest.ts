/** Calls a function at most once per interval and always with the last value: for painting what changes faster than eyes. */

/** Time as the throttle sees it. */
export interface ThrottleClock {
  /** Monotonic milliseconds. */
  now(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): () => void;
}

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
  clock: ThrottleClock = SYSTEM_CLOCK,
): ThrottledLatest<T> {
  let waiting: { readonly value: T } | undefined;
  let cancelTimer: (() => void) | undefined;
  let quietUntil = Number.NEGATIVE_INFINITY;

  const flush = (): void => {
    const held = waiting;
    cancel();
    if (held !== undefined) call(held.value);
  };
  const cancel = (): void => {
    waiting = undefined;
    cancelTimer?.();
    cancelTimer = undefined;
  };
  const call = (value: T): void => {
    quietUntil = clock.now() + intervalMs;
    deliver(value);
  };
  const due = (): void => {
    cancelTimer = undefined;
    const remaining = quietUntil - clock.now();
    if (remaining > 0) arm(remaining);
    else flush();
  };
  const arm = (delayMs: number): void => {
    cancelTimer = clock.after(Math.ceil(delayMs), due);
  };
  const push = (value: T): void => {
    const remaining = quietUntil - clock.now();
    waiting = { value };
    // A late timer (a busy or frozen page) must not hold back a value that is due.
    if (remaining <= 0) flush();
    else if (cancelTimer === undefined) arm(remaining);
  };
  return Object.assign(push, { flush, cancel });
}

const SYSTEM_CLOCK: ThrottleClock = {
  now: () => performance.now(),
  after: (delayMs, task) => {
    const timer = setTimeout(task, delayMs);
    return () => clearTimeout(timer);
  },
};
