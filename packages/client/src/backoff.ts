/** How long to wait before the next attempt: full jitter under a growing window, never under the server's floor. */

export interface BackoffRules {
  /** Window of the first retry, milliseconds; it doubles with every failure in a row. @default 1000 */
  readonly baseMs: number;
  /** No wait is longer, milliseconds, unless the server asked for more. @default 30000 */
  readonly capMs: number;
  /**
   * From this many failures in a row, in an outage as long as the cap, the circuit is open: waits come from the upper half of the
   * cap. It never gives up. @default 7
   */
  readonly circuitFailures: number;
}

export const DEFAULT_BACKOFF: BackoffRules = { baseMs: 1000, capMs: 30_000, circuitFailures: 7 };

export interface BackoffInput {
  /** Failures in a row, this one included: 1 for the first. */
  readonly failures: number;
  /** Milliseconds since the first of them. */
  readonly outageMs: number;
  /** The least wait the server asked for (`retry:`, `Retry-After`, a close frame), 0 when it said nothing. */
  readonly floorMs: number;
  /** Uniform in [0, 1). */
  readonly random: number;
}

/**
 * Milliseconds to wait, from floorMs to max(capMs, floorMs + baseMs).
 * Above a floor there is always a window to spread over: clients that were dropped together do not come back together.
 * No window is wider than the outage was long: who drew short waits, and so failed often, does not stay away long after others are back.
 */
export function retryDelayMs(input: BackoffInput, rules: BackoffRules = DEFAULT_BACKOFF): number {
  const { failures, outageMs, floorMs, random } = input;
  const { baseMs, capMs, circuitFailures } = rules;
  const isOpen = failures >= circuitFailures && outageMs >= capMs;
  const low = isOpen ? Math.max(floorMs, capMs / 2) : floorMs;
  const window = isOpen ? Infinity : Math.min(baseMs * 2 ** (failures - 1), Math.max(baseMs, outageMs));
  return low + random * Math.min(window, Math.max(capMs, floorMs + baseMs) - low);
}
