/**
 * One channel that many tabs follow over one connection: who wants it, from where, and who may be told what. It keeps positions,
 * never events: for whoever needs what was passed on already the connection reads the channel anew, from the least position
 * wanted, and everybody drops by offset what they had.
 *
 * A place (a tab's, on this channel) is shut until a `subscribed` frame came that serves it: nothing reaches the tab before, so that
 * it sees no hole. All open places were handed everything up to `at`.
 */
import type { ChannelKind, SubscribedFrame } from '@fanfare/protocol';
import { earlier, isUpTo, type Position, readPosition } from '../position.ts';

interface Place {
  readonly tag: number;
  isOpen: boolean;
  /** While shut: everything after this is wanted. undefined: what is new (of a state: everything). */
  from: Position | undefined;
  /** Answers that did not serve it. */
  waits: number;
}

/** What is told to the tab whose want had this tag. */
export interface Answer<Tab> {
  readonly tab: Tab;
  readonly tag: number;
  readonly frame: SubscribedFrame;
}

type Start = Pick<SubscribedFrame, 'recovered' | 'cause'>;

/** After so many the server is taken not to understand the position. */
const MAX_WAITS = 16;

export class SharedChannel<Tab> {
  readonly places: Map<Tab, Place> = new Map();
  readonly #name: string;
  #kind: ChannelKind | undefined;
  /** It is subscribed, so far as the connection knows. */
  #stands = false;
  /** Of the last event passed on, or where delivery began; goes back when the channel is read anew. */
  #at: Position | undefined;
  /** Goes back for another epoch only: what is after it is new to everyone. */
  #newest: Position | undefined;
  /** The connection was told to read it, or will by itself, and did not answer yet. */
  #isRead = false;
  /** From where it was asked for last. */
  #asked: Position | undefined;

  constructor(name: string) {
    this.#name = name;
  }

  /** The answer, where what comes next anyway serves the tab. */
  join(tab: Tab, tag: number, position: string | undefined): Answer<Tab> | undefined {
    const place = { tag, isOpen: false, from: position === undefined ? undefined : positionOf(position), waits: 0 };
    this.places.set(tab, place);
    return this.#stands ? this.#serve(tab, place, { recovered: true }) : undefined;
  }

  /** Must the connection be told to read it? Once; when the answer serves not everybody, again. */
  mustRead(): boolean {
    if (this.#isRead || [...this.places.values()].every(({ isOpen }) => isOpen)) return false;
    this.#isRead = true;
    return true;
  }

  /** The connection asks for it: from where? The least position that is wanted; undefined: from now (a state: everything). */
  present(): string | undefined {
    let least: Position | undefined;
    let fromNow = false;
    for (const place of this.places.values()) {
      const wanted = place.isOpen ? this.#at : this.#startOf(place);
      if (wanted !== undefined) least = earlier(wanted, least);
      // On a log that is known, whoever wants what is new is served from anywhere.
      else fromNow ||= this.#kind !== 'log';
    }
    if (fromNow) least = undefined;
    this.#asked = least;
    return least?.text;
  }

  /** The server answered: who is told what. Whom it does not serve, `mustRead` is for. */
  subscribed({ kind, position, recovered, cause }: SubscribedFrame): readonly Answer<Tab>[] {
    for (const place of this.places.values()) if (place.isOpen) place.from = this.#at;
    this.#kind = kind;
    if (kind !== 'signal') this.passed(position ?? '');
    this.#stands = true;
    this.#isRead = false;
    const start = { ...(recovered !== undefined && { recovered }), ...(cause && { cause }) };
    return [...this.places].flatMap(([tab, place]) => this.#serve(tab, place, start) ?? []);
  }

  /** An event at this position. */
  passed(position: string | undefined): void {
    if (position === undefined) return;
    this.#at = positionOf(position);
    if (!isUpTo(this.#at, this.#newest)) this.#newest = this.#at;
  }

  /** It is subscribed no more. `isRead`: the connection will ask for it by itself. */
  dropped(isRead: boolean): void {
    this.#stands = false;
    this.#isRead = isRead;
    for (const place of this.places.values()) {
      if (place.isOpen) place.from = this.#at;
      place.isOpen = false;
    }
  }

  /** From where a place that is shut can be served; undefined: from now, or with all that a state holds. */
  #startOf({ from, waits }: Place): Position | undefined {
    const isLost = waits > MAX_WAITS || (this.#at !== undefined && from?.epoch !== this.#at.epoch);
    return this.#kind === 'state' && isLost ? undefined : from;
  }

  /** Opens the place and says so, if delivery from `at` on serves it; else it stays shut. Whom nothing happens to is told nothing. */
  #serve(tab: Tab, place: Place, { recovered, cause }: Start): Answer<Tab> | undefined {
    const { from, isOpen, tag } = place;
    const kind = this.#kind ?? 'log';
    const at = this.#at ?? positionOf('');
    // All that a state holds follows, unless it is only what changed.
    const isWhole = kind === 'state' && recovered !== true;
    const isFresh = kind === 'signal' || from === undefined;
    const isLost =
      from !== undefined &&
      // Positions of two histories do not compare, and this is the one that the server has.
      (from.epoch !== at.epoch || (recovered === false && this.#asked?.text === from.text) || place.waits > MAX_WAITS);
    // Who lost a state's changes needs all of it.
    const isServed = isFresh || isLost ? kind !== 'state' : isUpTo(at, from);
    place.isOpen = isWhole || isServed;
    if (!place.isOpen) place.waits += 1;
    if (!place.isOpen || (isOpen && (isFresh || !isLost))) return undefined;
    const position = isFresh ? this.#newest : isLost ? at : from;
    const frame: SubscribedFrame = {
      type: 'subscribed',
      channel: this.#name,
      kind,
      ...(position && { position: position.text }),
      ...(!isFresh && { recovered: !isLost }),
      ...(isLost && { cause: cause ?? 'epoch' }),
    };
    return { tab, tag, frame };
  }
}

/** What is no position is asked about all the same: no history has it, and the server says so. */
function positionOf(text: string): Position {
  return readPosition(text) ?? { text, epoch: '', offset: 0 };
}
