/**
 * What the relay's connection runs on. A worker is never seen, and the timers of a hidden page are throttled, to once a minute at
 * last: tabs that are seen tell their signals, and every ping of theirs lets what is due run.
 */
import type { Platform, PlatformSignal } from '../platform.ts';

export interface RelayPlatform {
  readonly platform: Platform;
  /** A tab is awake: what is due runs now, and the signal is everybody's. */
  poke(signal: PlatformSignal | undefined): void;
}

export function relayPlatform(base: Platform): RelayPlatform {
  const timers = new Map<() => void, number>();
  const listeners = new Set<(signal: PlatformSignal) => void>();
  return {
    platform: {
      ...base,
      after(delayMs, task) {
        const stop = (): void => {
          timers.delete(run);
          cancel();
        };
        const run = (): void => {
          stop();
          task();
        };
        const cancel = base.after(delayMs, run);
        timers.set(run, base.now() + delayMs);
        return stop;
      },
      watch(listener) {
        const hear = (signal: PlatformSignal): void => listener(signal);
        const off = base.watch(hear);
        listeners.add(hear);
        return () => {
          listeners.delete(hear);
          off();
        };
      },
    },
    poke(signal) {
      for (const [run, at] of [...timers]) if (at <= base.now() && timers.has(run)) run();
      if (signal !== undefined) for (const listener of [...listeners]) listener(signal);
    },
  };
}
