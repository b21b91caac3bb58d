/** Time that stands still until a test moves it: timers fire in order, turns of the loop run between them. */
import type { Cancel, Clock, Entropy } from 'fanfare/internal';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

export class FakeClock implements Clock {
  #now = 0;
  #wallOffset: number;
  #timers: Timer[] = [];
  #turn: (() => void)[] = [];

  /** `wallTime`: what the wall clock shows at the start. @default 2026-01-01T00:00:00Z */
  constructor(wallTime: number = Date.UTC(2026, 0, 1)) {
    this.#wallOffset = wallTime;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return this.#now + this.#wallOffset;
  }

  /** Moves the wall clock only, as an operator or NTP would. */
  setWallTime(wallTime: number): void {
    this.#wallOffset = wallTime - this.#now;
  }

  after(delayMs: number, task: () => void): Cancel {
    const timer = { at: this.#now + Math.max(0, delayMs), task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  afterTurn(task: () => void): void {
    this.#turn.push(task);
  }

  /** Timers that wait. */
  get timers(): number {
    return this.#timers.length;
  }

  /** Ends the turn: runs what was scheduled with `afterTurn`, once. */
  turn(): void {
    for (const task of this.#turn.splice(0)) task();
  }

  /** Lets promises settle, then ends the turn, until both are quiet. */
  async settle(): Promise<void> {
    for (;;) {
      for (let round = 0; round < 20; round += 1) await Promise.resolve();
      if (this.#turn.length === 0) return;
      this.turn();
    }
  }

  /** Moves time on; every timer due fires at its own time, each followed by a settled turn. */
  async advance(ms: number): Promise<void> {
    const end = this.#now + ms;
    await this.settle();
    for (;;) {
      const next = this.#nextTimer(end);
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = next.at;
      next.task();
      await this.settle();
    }
    this.#now = end;
  }

  #nextTimer(end: number): Timer | undefined {
    let next: Timer | undefined;
    for (const timer of this.#timers) {
      if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer;
    }
    return next;
  }
}

/** Entropy that repeats itself: ids count up, randomness cycles through `values`. */
export function fakeEntropy(values: readonly number[] = [0.5]): Entropy {
  let drawn = 0;
  let made = 0;
  return {
    random: () => {
      const value = values[drawn % values.length] ?? 0.5;
      drawn += 1;
      return value;
    },
    id: () => {
      made += 1;
      return `id-${made.toString().padStart(13, '0')}`;
    },
  };
}
