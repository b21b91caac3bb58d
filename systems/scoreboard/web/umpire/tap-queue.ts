/**
 * The umpire's taps between the thumb and the server. Pure: queue x event -> queue.
 *
 *     tapped ──► waiting ──sent──► tried ──counted──► gone, the answer is the truth
 *                   ▲                │ ├──refused──► gone with all that were made upon it, and the umpire is told
 *                   │                │ └──locked───► waiting until this device may score again
 *                   └──unreachable───┘               (same key: the server counts a key once)
 *
 * One tap is on its way at a time, so the server counts them in the order of the thumb.
 */
import type { ActionName, Side, Snapshot } from '@fanfare-systems/scoreboard/rules';
import { follow, foresee, isNewer, isUndoable, type Known } from './foresight.ts';

export interface Tap {
  /** Idempotency key: however often the tap is sent, it is counted once. */
  readonly key: string;
  readonly action: ActionName;
  /** Who gives up; only with `retire`. */
  readonly side?: Side;
  /** The match the umpire was looking at; a tap never counts for another. */
  readonly matchId: string | null;
  /** The version of the match on the umpire's screen, the waiting taps counted in. */
  readonly seen: number;
  readonly at: number;
}

export interface TapQueue {
  /** The server's last word; undefined until it has spoken. */
  readonly truth: Known | undefined;
  /** A word that came while a tap was on its way: it may or may not contain that tap, so it waits for the answer. */
  readonly held: Snapshot | undefined;
  /** Not yet answered, oldest first. */
  readonly taps: readonly Tap[];
  /** A tap is on its way now. */
  readonly sending: boolean;
  /** The first tap has left at least once: it may be counted already and cannot be withdrawn. */
  readonly tried: boolean;
  /** Attempts in a row that reached nobody. */
  readonly failures: number;
  /** Why this device may not score at the moment (SESSION_INVALID, DEVICE_NOT_VERIFIED, ...). */
  readonly locked: string | undefined;
  readonly notice: TapNotice | undefined;
}

/** Something the umpire must know, because the page now shows another score than the one foreseen. */
export type TapNotice =
  | { readonly kind: 'refused'; readonly code: string; readonly taps: readonly Tap[] }
  | { readonly kind: 'other-match'; readonly taps: readonly Tap[] }
  /** The umpire's point was counted, and one of another device with it. */
  | { readonly kind: 'both-counted' }
  | { readonly kind: 'differs' };

export type TapEvent =
  | { readonly kind: 'tapped'; readonly tap: Tap }
  | { readonly kind: 'heard'; readonly snapshot: Snapshot }
  | { readonly kind: 'sent' }
  | TapAnswer
  | { readonly kind: 'unlocked' }
  | { readonly kind: 'dismissed' };

/** What came of sending the tap with this key. */
export type TapAnswer =
  | { readonly kind: 'counted'; readonly key: string; readonly snapshot: Snapshot }
  | { readonly kind: 'refused'; readonly key: string; readonly code: string; readonly snapshot?: Snapshot }
  | { readonly kind: 'locked'; readonly key: string; readonly code: string }
  | { readonly kind: 'unreachable'; readonly key: string };

/** A queue as a page begins with it; taps that an earlier page left behind may have been sent already. */
export function openQueue(leftBehind: readonly Tap[] = []): TapQueue {
  return {
    truth: undefined,
    held: undefined,
    taps: leftBehind,
    sending: false,
    tried: leftBehind.length > 0,
    failures: 0,
    locked: undefined,
    notice: undefined,
  };
}

export function transition(queue: TapQueue, event: TapEvent): TapQueue {
  switch (event.kind) {
    case 'tapped':
      return tapped(queue, event.tap);
    case 'heard':
      return heard(queue, event.snapshot);
    case 'sent':
      return { ...queue, sending: true, tried: true };
    case 'counted':
      return isFirst(queue, event.key)
        ? counted(queue, event.snapshot)
        : adopt({ ...queue, sending: false }, event.snapshot);
    case 'refused':
      return isFirst(queue, event.key) ? refused(queue, event) : { ...queue, sending: false };
    case 'locked':
      return { ...queue, sending: false, failures: 0, locked: event.code };
    case 'unreachable':
      return { ...queue, sending: false, failures: queue.failures + 1 };
    case 'unlocked':
      return { ...queue, locked: undefined };
    case 'dismissed':
      return { ...queue, notice: undefined };
  }
}

/** How many accepted actions the umpire's screen is ahead: what `seen` of the next tap is. */
export function versionOnScreen(queue: TapQueue): number {
  return (queue.truth?.now.version ?? 0) + queue.taps.length;
}

/** The tap that should leave now. */
export function nextToSend(queue: TapQueue): Tap | undefined {
  return queue.sending || queue.locked !== undefined ? undefined : queue.taps[0];
}

export interface Outlook {
  /** What the umpire should see: the truth with every waiting tap upon it. */
  readonly snapshot: Snapshot | undefined;
  /** False when a waiting tap has a result that only the server knows. */
  readonly sure: boolean;
}

export function outlook(queue: TapQueue): Outlook {
  let known = queue.truth;
  if (known === undefined) return { snapshot: queue.held, sure: queue.taps.length === 0 };
  let sure = true;
  for (const tap of queue.taps) {
    const next = foresee(known, tap.action, tap.at);
    sure &&= next !== undefined;
    known = next ?? known;
  }
  return { snapshot: known.now, sure };
}

/** An undo of a tap that has not left withdraws it: two requests less, and nothing for anyone else to see. */
function tapped(queue: TapQueue, tap: Tap): TapQueue {
  const last = queue.taps.at(-1);
  const lastHasLeft = queue.taps.length === 1 && queue.tried;
  if (tap.action === 'undo' && last !== undefined && isUndoable(last.action) && !lastHasLeft) {
    return { ...queue, notice: undefined, taps: queue.taps.slice(0, -1) };
  }
  return { ...queue, notice: undefined, taps: [...queue.taps, tap] };
}

function heard(queue: TapQueue, snapshot: Snapshot): TapQueue {
  const known = queue.truth?.now;
  const sameMatch = known === undefined || known.matchId === snapshot.matchId;
  // Of another match it cannot contain the tap on its way: the court has moved on, and the tap with it.
  return queue.tried && sameMatch ? { ...queue, held: newest(queue.held, snapshot) } : adopt(queue, snapshot);
}

/** False for the answer to a tap that was dropped while it was on its way. */
function isFirst(queue: TapQueue, key: string): boolean {
  return queue.taps[0]?.key === key;
}

function counted(queue: TapQueue, snapshot: Snapshot): TapQueue {
  const [tap, ...waiting] = queue.taps;
  const expected = tap && queue.truth && foresee(queue.truth, tap.action, tap.at);
  const answered = { ...queue, taps: waiting, sending: false, tried: false, failures: 0, held: undefined };
  const next = adopt(answered, newest(queue.held, snapshot));
  const surprising = expected !== undefined && !sameScore(expected.now, snapshot);
  if (!surprising || next.notice !== queue.notice) return next;
  return { ...next, notice: { kind: isOnePointMore(expected.now, snapshot) ? 'both-counted' : 'differs' } };
}

/** Of the score that a point was to lead to: another device's rally was counted as well, perhaps the same one. */
function isOnePointMore(expected: Snapshot, snapshot: Snapshot): boolean {
  const isPoint = expected.lastAction === 'pointA' || expected.lastAction === 'pointB';
  const [a, b] = [snapshot.score[0] - expected.score[0], snapshot.score[1] - expected.score[1]];
  return isPoint && snapshot.gameNumber === expected.gameNumber && Math.min(a, b) === 0 && a + b === 1;
}

/** Taps made upon a refused one were made upon a score that never was: they go with it. */
function refused(queue: TapQueue, answer: { readonly code: string; readonly snapshot?: Snapshot }): TapQueue {
  const next: TapQueue = {
    ...queue,
    taps: [],
    sending: false,
    tried: false,
    failures: 0,
    held: undefined,
    notice: { kind: 'refused', code: answer.code, taps: queue.taps },
  };
  const word = answer.snapshot === undefined ? queue.held : newest(queue.held, answer.snapshot);
  return word === undefined ? next : adopt(next, word);
}

/** Takes the server's word as the truth, unless a newer one is known. */
function adopt(queue: TapQueue, snapshot: Snapshot): TapQueue {
  if (queue.truth !== undefined && !isNewer(queue.truth.now, snapshot)) return queue;
  const next: TapQueue = { ...queue, truth: follow(queue.truth, snapshot) };
  const matchId = snapshot.matchId ?? null;
  if (queue.taps.every((tap) => tap.matchId === matchId)) return next;
  return { ...next, taps: [], tried: false, held: undefined, notice: { kind: 'other-match', taps: queue.taps } };
}

function newest(held: Snapshot | undefined, snapshot: Snapshot): Snapshot {
  return held !== undefined && isNewer(snapshot, held) ? held : snapshot;
}

function sameScore(a: Snapshot, b: Snapshot): boolean {
  return (
    a.gameNumber === b.gameNumber &&
    a.score[0] === b.score[0] &&
    a.score[1] === b.score[1] &&
    a.games[0] === b.games[0] &&
    a.games[1] === b.games[1]
  );
}
