/** What a browser has and a test's document lacks: sound, vibration, a visitor who has touched the page, and media queries. */
import { vi } from 'vitest';

export interface Device {
  /** Hertz of every note that was started, in order. */
  readonly notes: readonly number[];
  /** How many sound outputs were opened. */
  readonly contexts: () => number;
  readonly vibrations: readonly number[];
}

class Param {
  value = 0;
  setValueAtTime(): void {
    // The curve of a note is for the ear.
  }
  exponentialRampToValueAtTime(): void {
    // As above.
  }
}

/** For one test; `vi.unstubAllGlobals()` takes it away. */
export function fakeDevice({ touched = true, reducedMotion = false } = {}): Device {
  const notes: number[] = [];
  const vibrations: number[] = [];
  let contexts = 0;
  class FakeAudio {
    readonly currentTime = 0;
    readonly destination = {};
    constructor() {
      contexts += 1;
    }
    resume(): Promise<void> {
      return Promise.resolve();
    }
    createGain(): object {
      return { gain: new Param(), connect: () => undefined };
    }
    createOscillator(): object {
      const frequency = new Param();
      return {
        type: '',
        frequency,
        connect: (next: object) => next,
        start: () => notes.push(frequency.value),
        stop: () => undefined,
      };
    }
  }
  vi.stubGlobal('AudioContext', FakeAudio);
  vi.stubGlobal('navigator', {
    ...navigator,
    languages: ['en'],
    userActivation: { hasBeenActive: touched },
    vibrate: (ms: number) => vibrations.push(ms),
  });
  stubReducedMotion(reducedMotion);
  return { notes, contexts: () => contexts, vibrations };
}

export function stubReducedMotion(matches: boolean): void {
  vi.stubGlobal('matchMedia', () => ({
    matches,
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  }));
}
