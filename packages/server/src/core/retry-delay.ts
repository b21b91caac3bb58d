/** How long a client should wait before it comes back: random, in a window as wide as the crowd that may come with it. */
import type { HubLimits } from './limits.ts';
import type { Entropy } from './ports/clock.ts';

/**
 * A lone reader returns after the least wait; from 1400 connections on the window is whole, and their return after a
 * crash is spread over it. At 5 ms for each, no second of it brings more than about a thousand back.
 */
const MS_PER_CONNECTION = 5;

/** Whole milliseconds. `crowd`: how many may return together; Infinity where there is no room for them anyway. */
export function retryDelayMs(
  limits: Pick<HubLimits, 'minRetryMs' | 'maxRetryMs'>,
  entropy: Entropy,
  crowd: number,
): number {
  const { minRetryMs, maxRetryMs } = limits;
  const window = Math.min(maxRetryMs - minRetryMs, crowd * MS_PER_CONNECTION);
  return Math.round(minRetryMs + entropy.random() * window);
}
