/** How connections ended, by kind of wire and close code, since the start. */
import { CLOSE_CODES, RFC_CLOSE_CODES } from '@fanfare/protocol';
import type { HubEvent } from '../core/index.ts';

export interface CloseCount {
  /** Kind of wire or view: `ws`, `sse`, `court-board`. */
  readonly label: string;
  /** `other`: a code that neither RFC 6455 nor we define. A peer may send any of thousands, each of which would be a number for ever. */
  readonly code: string;
  readonly count: number;
}

const KNOWN: ReadonlySet<number> = new Set([
  ...Object.values(CLOSE_CODES).map(({ code }) => code),
  ...Object.keys(RFC_CLOSE_CODES).map(Number),
]);

export class CloseCounts {
  readonly #byLabel = new Map<string, Map<string, number>>();

  /** For `observe`. */
  readonly hear = (event: HubEvent): void => {
    if (event.kind !== 'connection-closed') return;
    const code = KNOWN.has(event.code) ? String(event.code) : 'other';
    const counts = this.#byLabel.get(event.label) ?? new Map<string, number>();
    this.#byLabel.set(event.label, counts.set(code, (counts.get(code) ?? 0) + 1));
  };

  list(): readonly CloseCount[] {
    return [...this.#byLabel].flatMap(([label, counts]) =>
      Array.from(counts, ([code, count]) => ({ label, code, count })),
    );
  }
}
