/** How connections ended, by kind of wire, the close code that was said on it, and why; since the start. */
import { CLOSE_CODES, RFC_CLOSE_CODES } from '@fanfare/protocol';
import type { HubEvent } from '../core/index.ts';

export interface CloseCount {
  /** Kind of wire or view: `ws`, `sse`, `court-board`. */
  readonly label: string;
  /** `other`: a code that neither RFC 6455 nor we define. A peer may send any of thousands, each of which would be a number for ever. */
  readonly code: string;
  /** Name of the close code that we ended it with, whatever the wire calls it; `peer`: we did not. */
  readonly reason: string;
  readonly count: number;
}

const KNOWN: ReadonlySet<number> = new Set([
  ...Object.values(CLOSE_CODES).map(({ code }) => code),
  ...Object.keys(RFC_CLOSE_CODES).map(Number),
]);

export class CloseCounts {
  readonly #byKey = new Map<string, CloseCount>();

  /** For `observe`. */
  readonly hear = (event: HubEvent): void => {
    if (event.kind !== 'connection-closed') return;
    const { label, reason = 'peer' } = event;
    const code = KNOWN.has(event.code) ? String(event.code) : 'other';
    const key = `${code} ${reason} ${label}`;
    this.#byKey.set(key, { label, code, reason, count: (this.#byKey.get(key)?.count ?? 0) + 1 });
  };

  list(): readonly CloseCount[] {
    return [...this.#byKey.values()];
  }
}
