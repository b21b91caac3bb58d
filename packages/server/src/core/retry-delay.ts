/** How long a client should wait before it comes back: random, in a window as wide as the crowd that may come with it. */
import type { HubLimits } from './limits.ts';
import type { Entropy } from './ports/clock.ts';

/**
 * A lone reader returns after the least wait; from 1400 connections on the window is whole. Clients draw when they connect,
 * so the first of a crowd keep a short wait: of 2000 that lose their server at once, some 110 come back in the first 100 ms
 * after the least wait, and ever fewer from then on.
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
