/**
 * The oracle of every delivery test: what was published against what one subscriber was handed. Clean: nothing lost, doubled,
 * skipped, swapped or made up, except where the subscriber was told of a loss.
 */
import { decodePosition, type Position } from '@fanfare/protocol';

/** One publish. `failed` and `unknown` may be there or not; both are legal. */
export interface Published {
  /** `p<publisher>-<count>`: one publisher counts up from 1. */
  readonly payload: string;
  readonly outcome: 'acked' | 'failed' | 'unknown';
  /** Of the ack. */
  readonly position?: string | undefined;
}

/** What a subscriber of one channel was handed, in its order. */
export type Handed =
  | { readonly kind: 'event'; readonly payload: string; readonly position: string }
  /** It was told that events are missing here. */
  | { readonly kind: 'lost'; readonly cause: string };

export interface Verdict {
  /** Acked and never handed over, and no notice covers it. */
  readonly lost: readonly string[];
  /** Handed over twice. */
  readonly dup: readonly string[];
  /** A jump without a notice before it. */
  readonly gap: readonly string[];
  /** Older after newer, by position or within one publisher. */
  readonly reorder: readonly string[];
  /** Never published, or not with this position. */
  readonly phantom: readonly string[];
}

export const CLEAN: Verdict = { lost: [], dup: [], gap: [], reorder: [], phantom: [] };

/** `published` is everything that went to the channel after the subscriber was live. */
export function judgeDelivery(published: readonly Published[], handed: readonly Handed[]): Verdict {
  const judge = new Judge(published);
  for (const entry of handed) judge.hear(entry);
  return judge.verdict();
}

interface Excuse {
  /** undefined: from the first. */
  readonly after: Position | undefined;
  /** undefined: nothing came after the notice. */
  readonly before: Position | undefined;
}

class Judge {
  readonly #published: ReadonlyMap<string, Published>;
  readonly #seen = new Set<string>();
  readonly #seenPositions = new Set<string>();
  readonly #newestOf = new Map<string, number>();
  readonly #excuses: Excuse[] = [];
  readonly #verdict = { dup: [] as string[], gap: [] as string[], reorder: [] as string[], phantom: [] as string[] };
  #last: Position | undefined;
  #noticed = false;

  constructor(published: readonly Published[]) {
    this.#published = new Map(published.map((one) => [one.payload, one]));
  }

  hear(entry: Handed): void {
    if (entry.kind === 'lost') {
      this.#noticed = true;
      return;
    }
    const { payload, position } = entry;
    const what = `${payload} at ${position}`;
    const at = readPosition(position);
    const source = this.#published.get(payload);
    if (source === undefined || (source.position ?? position) !== position) this.#verdict.phantom.push(what);
    if (this.#seen.has(payload) || this.#seenPositions.has(position)) {
      this.#verdict.dup.push(what);
      return;
    }
    this.#seen.add(payload);
    this.#seenPositions.add(position);
    this.#order(payload, at, what);
    this.#last = at;
    this.#noticed = false;
  }

  verdict(): Verdict {
    if (this.#noticed) this.#excuses.push({ after: this.#last, before: undefined });
    const lost = [...this.#published.values()].filter((one) => one.outcome === 'acked' && !this.#seen.has(one.payload));
    const inexcusable = lost.filter(({ position }) => !this.#isExcused(position));
    return { ...this.#verdict, lost: inexcusable.map(({ payload, position }) => `${payload} at ${position}`) };
  }

  #order(payload: string, at: Position, what: string): void {
    const last = this.#last;
    if (this.#noticed) this.#excuses.push({ after: last, before: at });
    else if (last !== undefined && (last.epoch !== at.epoch || at.offset > last.offset + 1)) {
      this.#verdict.gap.push(`${what} after ${last.epoch} ${last.offset}`);
    }
    const [publisher = '', count] = payload.split('-');
    const older = last !== undefined && last.epoch === at.epoch && at.offset < last.offset;
    const newest = this.#newestOf.get(publisher) ?? 0;
    // One that was given up without an answer may have been stored long after its publisher went on.
    const overtaken = Number(count) < newest && this.#published.get(payload)?.outcome === 'acked';
    if (older || overtaken) this.#verdict.reorder.push(what);
    this.#newestOf.set(publisher, Math.max(newest, Number(count)));
  }

  #isExcused(position: string | undefined): boolean {
    if (position === undefined) return false;
    const at = readPosition(position);
    return this.#excuses.some(({ after, before }) => {
      const isAfter = after === undefined || after.epoch !== at.epoch || at.offset > after.offset;
      return isAfter && (before === undefined || before.epoch !== at.epoch || at.offset < before.offset);
    });
  }
}

function readPosition(text: string): Position {
  const read = decodePosition(text);
  if (!read.ok) throw new Error(`Not a position: ${text}`);
  return read.value;
}
