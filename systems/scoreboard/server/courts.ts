/** What an organiser does to courts: makes them, renames them, changes the PIN, puts a match on them. */
import { randomBytes, randomInt } from 'node:crypto';
import { createMatch, type MatchSetup, type Snapshot, snapshotOf } from '@fanfare-systems/scoreboard/rules';
import { refuse } from './errors.ts';
import { type ScoreboardLive, type ScoreboardTransaction, watches } from './live.ts';
import type { CourtRequest } from './requests.ts';
import { showMatch } from './scoring.ts';
import type { Actor } from './sessions.ts';
import { type Court, MAIN_BOARD } from './store/court-store.ts';
import type { ScoreboardStore } from './store/store.ts';

export interface CourtsOptions {
  readonly live: ScoreboardLive;
  readonly store: ScoreboardStore;
  readonly now: () => number;
  /** A PIN that opens no court any more. */
  readonly onPinRetired: (pin: string) => void;
}

/** A court as the API shows it. `pin` only for organisers. */
export interface CourtView {
  readonly courtId: string;
  readonly name: string;
  readonly active: boolean;
  readonly onMainBoard: boolean;
  readonly matchId: string;
  readonly snapshot: Snapshot | null;
  readonly pin?: string;
}

/** Nobody was named yet. */
const OPEN_MATCH: MatchSetup = { names: ['A', 'B'], bestOf: 3, firstServer: 0 };

export class Courts {
  readonly #live: ScoreboardLive;
  readonly #store: ScoreboardStore;
  readonly #now: () => number;
  readonly #onPinRetired: (pin: string) => void;

  constructor({ live, store, now, onPinRetired }: CourtsOptions) {
    this.#live = live;
    this.#store = store;
    this.#now = now;
    this.#onPinRetired = onPinRetired;
  }

  list(withPins: boolean): readonly CourtView[] {
    return this.#store.courts.all().map((court) => this.#view(court, withPins));
  }

  /** Throws COURT_NOT_FOUND. */
  show(id: string, withPin: boolean): CourtView {
    return this.#view(this.#store.courts.find(id) ?? refuse('COURT_NOT_FOUND'), withPin);
  }

  create(request: CourtRequest, actor: Actor): Promise<CourtView> {
    return this.#live.transaction((tx) => {
      const made: Court = { id: newId('court'), name: 'Court', pin: '', matchId: '', active: true };
      return this.#change(tx, { court: made, request: { match: OPEN_MATCH, ...request, rotatePin: true }, actor });
    });
  }

  /** A changed PIN ends the streams of the old one: whoever watches needs the new PIN. Throws COURT_NOT_FOUND, PIN_TAKEN, MATCH_NOT_FOUND. */
  async change(id: string, request: CourtRequest, actor: Actor): Promise<CourtView> {
    const { before, view } = await this.#live.transaction((tx) => {
      const court = this.#store.courts.find(id) ?? refuse('COURT_NOT_FOUND');
      return { before: court, view: this.#change(tx, { court, request, actor }) };
    });
    if (view.pin !== before.pin) {
      this.#onPinRetired(before.pin);
      this.#live.disconnect(watches(`court:${before.pin}`), 'revoked');
    }
    return view;
  }

  #change(tx: ScoreboardTransaction, change: CourtChange): CourtView {
    const { court, request, actor } = change;
    const { courts, matches, audit } = this.#store;
    const after: Court = {
      id: court.id,
      name: request.name ?? court.name,
      pin: this.#pinAfter(court, request),
      matchId: this.#matchAfter(court, request),
      active: request.active ?? court.active,
    };
    courts.save(after);
    if (request.onMainBoard) courts.setBoard(MAIN_BOARD, after.matchId);
    const found = matches.find(after.matchId) ?? refuse('MATCH_NOT_FOUND');
    const arrives = after.matchId !== court.matchId;
    // Its last action may be older than what the court showed before: a screen goes by the newer timestamp.
    const match = arrives ? { ...found, state: { ...found.state, at: this.#now() } } : found;
    if (arrives) matches.save(match);
    showMatch(tx, this.#store, match);
    const details = {
      name: after.name,
      matchId: after.matchId,
      active: after.active,
      pinChanged: after.pin !== court.pin,
    };
    const action = court.pin === '' ? 'court-create' : 'court-change';
    audit.write({ at: this.#now(), actor: actor.id, action, target: `court:${after.id}`, details });
    return this.#view(after, true);
  }

  #pinAfter(court: Court, request: CourtRequest): string {
    if (request.pin === undefined) return request.rotatePin === true ? this.#freePin() : court.pin;
    const holder = this.#store.courts.findByPin(request.pin);
    return holder === undefined || holder.id === court.id ? request.pin : refuse('PIN_TAKEN');
  }

  /** Four digits while they are easily found, eight where a tournament has thousands of courts. */
  #freePin(): string {
    for (const digits of [4, 4, 4, 4, 8, 8, 8, 8]) {
      const pin = String(randomInt(10 ** digits)).padStart(digits, '0');
      if (this.#store.courts.findByPin(pin) === undefined) return pin;
    }
    return refuse('PIN_TAKEN');
  }

  #matchAfter(court: Court, request: CourtRequest): string {
    const { matches } = this.#store;
    if (request.matchId !== undefined) return matches.find(request.matchId)?.id ?? refuse('MATCH_NOT_FOUND');
    if (request.match === undefined) return court.matchId;
    const id = newId('match');
    matches.insert({ id, tournamentId: null, state: createMatch(request.match, this.#now()) });
    return id;
  }

  #view(court: Court, withPin: boolean): CourtView {
    const match = this.#store.matches.find(court.matchId);
    return {
      courtId: court.id,
      name: court.name,
      active: court.active,
      onMainBoard: this.#store.courts.boardMatch(MAIN_BOARD) === court.matchId,
      matchId: court.matchId,
      snapshot: match === undefined ? null : snapshotOf(match.state, { matchId: match.id, courtId: court.id }),
      ...(withPin ? { pin: court.pin } : {}),
    };
  }
}

interface CourtChange {
  readonly court: Court;
  readonly request: CourtRequest;
  readonly actor: Actor;
}

export function newId(kind: string): string {
  return `${kind}-${randomBytes(9).toString('base64url')}`;
}
