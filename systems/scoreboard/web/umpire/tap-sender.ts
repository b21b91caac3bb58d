/** Runs the tap queue: sends one tap at a time, again until it is answered, and keeps what is unanswered in the tab's storage. */
import type { ActionName, Side } from '@fanfare-systems/scoreboard/rules';
import {
  nextToSend,
  openQueue,
  type Tap,
  type TapAnswer,
  type TapEvent,
  type TapQueue,
  transition,
  versionOnScreen,
} from './tap-queue.ts';

export interface TapSenderOptions {
  /** Sends one tap and tells what came of it; never rejects. */
  readonly send: (tap: Tap) => Promise<TapAnswer>;
  /** sessionStorage, where there is one. */
  readonly storage: Pick<Storage, 'getItem' | 'setItem' | 'removeItem'> | undefined;
  /** One per court. */
  readonly storageKey: string;
  readonly makeKey: () => string;
  readonly now: () => number;
  /** In [0, 1). */
  readonly random: () => number;
}

const FIRST_RETRY_MS = 300;
const LAST_RETRY_MS = 5000;

export class TapSender {
  readonly #options: TapSenderOptions;
  readonly #listeners = new Set<() => void>();
  #queue: TapQueue;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  constructor(options: TapSenderOptions) {
    this.#options = options;
    this.#queue = openQueue(this.#restore());
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** The queue now; the same object until it changes. */
  readonly current = (): TapQueue => this.#queue;

  tap(action: ActionName, side?: Side): void {
    const { makeKey, now } = this.#options;
    const matchId = this.#queue.truth?.now.matchId ?? null;
    const seen = versionOnScreen(this.#queue);
    this.dispatch({
      kind: 'tapped',
      tap: { key: makeKey(), action, ...(side === undefined ? {} : { side }), matchId, seen, at: now() },
    });
  }

  dispatch(event: TapEvent): void {
    const before = this.#queue;
    this.#queue = transition(before, event);
    if (this.#queue === before) return;
    if (this.#queue.taps !== before.taps) this.#keep();
    for (const listener of this.#listeners) listener();
    this.#pump();
  }

  /** The server may be there again (live, back online): does not wait for the next attempt. */
  nudge(): void {
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.#pump();
  }

  /** Takes up sending, also after `close`: an effect may run twice. */
  open(): void {
    this.#closed = false;
    this.#pump();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#retry = undefined;
  }

  #pump(): void {
    const tap = nextToSend(this.#queue);
    if (tap === undefined || this.#closed || this.#retry !== undefined) return;
    this.dispatch({ kind: 'sent' });
    void this.#send(tap);
  }

  async #send(tap: Tap): Promise<void> {
    const answer = await this.#options.send(tap);
    if (answer.kind === 'unreachable' && !this.#closed) this.#waitBeforeRetry();
    this.dispatch(answer);
  }

  /** Full jitter, so that the umpires of twenty courts do not return in one instant. */
  #waitBeforeRetry(): void {
    const cap = Math.min(LAST_RETRY_MS, FIRST_RETRY_MS * 2 ** this.#queue.failures);
    this.#retry = setTimeout(() => this.nudge(), FIRST_RETRY_MS / 2 + this.#options.random() * cap);
  }

  #keep(): void {
    const { storage, storageKey } = this.#options;
    try {
      if (this.#queue.taps.length === 0) storage?.removeItem(storageKey);
      else storage?.setItem(storageKey, JSON.stringify(this.#queue.taps));
    } catch {
      // Storage is full or forbidden: the taps still live as long as the page.
    }
  }

  #restore(): readonly Tap[] {
    const { storage, storageKey } = this.#options;
    try {
      return parseTaps(JSON.parse(storage?.getItem(storageKey) ?? '[]'));
    } catch {
      return [];
    }
  }
}

/** What an earlier page stored; anything else is dropped. */
function parseTaps(stored: unknown): readonly Tap[] {
  return Array.isArray(stored) ? stored.filter(isTap) : [];
}

function isTap(value: unknown): value is Tap {
  if (typeof value !== 'object' || value === null) return false;
  const tap: Partial<Record<keyof Tap, unknown>> = value;
  return (
    typeof tap.key === 'string' &&
    typeof tap.action === 'string' &&
    (tap.matchId === null || typeof tap.matchId === 'string') &&
    typeof tap.seen === 'number' &&
    typeof tap.at === 'number'
  );
}
