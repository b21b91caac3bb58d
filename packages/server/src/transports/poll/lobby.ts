/** Clients between two polls: what they command in the meantime need not be told that there is no connection [PROTOCOL §15.6]. */
import type { Clock } from '../../core/index.ts';

interface Absent {
  /** Of the client; '': nobody in particular. */
  readonly subject: string;
  /** Of the hub's disconnections, when it left: who is put out in between has been put out. */
  readonly mark: number;
  /** Monotonic milliseconds. */
  readonly until: number;
  readonly waiting: (() => void)[];
}

/** A client that is coming back is back within so long: a round trip, and the rest that it takes. */
const ABSENCE_MS = 2000;
/** Whoever left first is forgotten first. */
const MAX_ABSENT = 10_000;

export class PollLobby {
  readonly #clock: Pick<Clock, 'now' | 'after'>;
  /** By connection id, in the order of leaving. */
  readonly #absent = new Map<string, Absent>();

  constructor(clock: Pick<Clock, 'now' | 'after'>) {
    this.#clock = clock;
  }

  /** A poll was answered: the client is likely to come back with this id. */
  left(id: string, { subject, mark }: Pick<Absent, 'subject' | 'mark'>): void {
    const now = this.#clock.now();
    this.back(id);
    this.#absent.set(id, { subject, mark, until: now + ABSENCE_MS, waiting: [] });
    for (const [oldest, { until }] of this.#absent) {
      if (until > now && this.#absent.size <= MAX_ABSENT) break;
      this.back(oldest);
    }
  }

  /** A poll with this id is open. */
  back(id: string): void {
    const absent = this.#absent.get(id);
    this.#absent.delete(id);
    for (const resume of absent?.waiting ?? []) resume();
  }

  /** Is the client of this id likely to come back? */
  expects(id: string): boolean {
    return (this.#absent.get(id)?.until ?? 0) > this.#clock.now();
  }

  /** When it left, as the hub counts disconnections; undefined: it is not expected. */
  leftAt(id: string): number | undefined {
    return this.expects(id) ? this.#absent.get(id)?.mark : undefined;
  }

  /** Resolves when the client of this id is back, or at once where it is not expected, or when it has been away for too long. */
  returned(id: string, subject: string): Promise<void> {
    const absent = this.#absent.get(id);
    const leftMs = (absent?.until ?? 0) - this.#clock.now();
    if (absent?.subject !== subject || leftMs <= 0) return Promise.resolve();
    return new Promise((resolve) => {
      const cancel = this.#clock.after(leftMs, resolve);
      absent.waiting.push(() => {
        cancel();
        resolve();
      });
    });
  }
}
