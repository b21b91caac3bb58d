/** The clock and the randomness that core runs on in production. */
import { randomBytes } from 'node:crypto';
import type { Clock, Entropy } from './core/index.ts';

export const systemClock: Clock = {
  now: () => performance.now(),
  wallTime: () => Date.now(),
  after(delayMs, task) {
    // Unreferenced: a heartbeat or a throttle never keeps a process alive that has nothing else to do.
    const timer = setTimeout(task, delayMs).unref();
    return () => clearTimeout(timer);
  },
  // After the poll phase: everything that arrived in this turn of the loop has been read by then.
  afterTurn(task) {
    setImmediate(task);
  },
};

export const systemEntropy: Entropy = {
  random: Math.random,
  id: () => randomBytes(16).toString('base64url'),
};
