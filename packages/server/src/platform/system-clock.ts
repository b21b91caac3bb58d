/** The clock and the randomness that core runs on in production. */
import { randomBytes } from 'node:crypto';
import type { Clock, Entropy } from '../core/index.ts';

/** The clock of this machine. Its timers keep no process alive. */
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

const ID_BYTES = 16;
/** Drawn for many ids at once: a call for each was 2 % of what a connection costs. */
let drawn = Buffer.alloc(0);
let used = 0;

/** Ids are 128 random bits of the system, in base64url; `random` is good for backoff and for nothing secret. */
export const systemEntropy: Entropy = {
  random: Math.random,
  id() {
    if (used + ID_BYTES > drawn.length) {
      drawn = randomBytes(ID_BYTES * 256);
      used = 0;
    }
    used += ID_BYTES;
    return drawn.toString('base64url', used - ID_BYTES, used);
  },
};
