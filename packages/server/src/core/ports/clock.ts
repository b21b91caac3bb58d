/** Time as core sees it. Injected, so that core runs on a fake clock in tests and holds no global timer. */
export interface Clock {
  /** Monotonic milliseconds: never jumps with the wall clock. For every interval and deadline. */
  now(): number;
  /** Wall clock, milliseconds since the epoch. Only for values that people or other systems read. */
  wallTime(): number;
  /** Runs `task` once after `delayMs`; the returned function cancels it. */
  after(delayMs: number, task: () => void): Cancel;
  /** Runs `task` once this turn of the loop has read everything that is ready. */
  afterTurn(task: () => void): void;
}

export type Cancel = () => void;

/** Randomness as core sees it: `random()` in [0, 1), `id()` a fresh unguessable `[A-Za-z0-9_-]{16,}`. */
export interface Entropy {
  random(): number;
  id(): string;
}
