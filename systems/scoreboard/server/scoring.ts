/** An umpire's action, from the tap to every screen: match row, audit row, board states and match events in one commit. */
import {
  apply,
  type MatchAction,
  matchEvents,
  type Snapshot,
  type SnapshotPlace,
  snapshotOf,
} from '@fanfare-systems/scoreboard/rules';
import { refuse } from './errors.ts';
import type { ScoreboardLive, ScoreboardTransaction } from './live.ts';
import { publishMatchEvent } from './publish.ts';
import type { ActionRequest } from './requests.ts';
import type { Actor } from './sessions.ts';
import type { StoredMatch } from './store/match-store.ts';
import type { ScoreboardStore } from './store/store.ts';

/** Where the umpire stands. */
export type Place =
  | { readonly kind: 'board'; readonly board: string }
  | { readonly kind: 'court'; readonly pin: string };

/** The snapshot after the action. `duplicate`: this tap was counted before, and was not counted again. */
export type ActionAnswer = Snapshot & { readonly duplicate?: true };

export interface ScoringOptions {
  readonly live: ScoreboardLive;
  readonly store: ScoreboardStore;
  readonly now: () => number;
}

export class Scoring {
  readonly #live: ScoreboardLive;
  readonly #store: ScoreboardStore;
  readonly #now: () => number;

  constructor({ live, store, now }: ScoringOptions) {
    this.#live = live;
    this.#store = store;
    this.#now = now;
  }

  /** Resolves when the action is as durable as the engine's commit. Rejects with a code; then nothing has changed. */
  act(place: Place, request: ActionRequest, actor: Actor): Promise<ActionAnswer> {
    return this.#live.transaction((tx) => {
      const { match, shownAs } = this.#matchAt(place);
      const snapshot = snapshotOf(match.state, shownAs);
      if (request.matchId !== undefined && request.matchId !== match.id) {
        return refuse('MATCH_CHANGED', { details: { snapshot } });
      }
      if (this.#isDuplicate(match, request)) return { ...snapshot, duplicate: true as const };
      if (request.expectedVersion !== undefined && request.expectedVersion !== match.state.version) {
        return refuse('VERSION_CONFLICT', { details: { snapshot } });
      }
      const outcome = apply(match.state, actionOf(request), this.#now());
      if (!outcome.ok) return refuse(outcome.code, { details: { snapshot } });
      const after: StoredMatch = { ...match, state: outcome.value };
      this.#keep(after, request, actor);
      for (const told of matchEvents(match.id, match.state, after.state)) publishMatchEvent(tx, match.id, told);
      showMatch(tx, this.#store, after);
      tellTournament(tx, after);
      return snapshotOf(after.state, shownAs);
    });
  }

  /** The snapshot of a place as it stands. */
  snapshot(place: Place): Snapshot {
    const { match, shownAs } = this.#placed(place);
    return snapshotOf(match.state, shownAs);
  }

  #matchAt(place: Place): PlacedMatch {
    const placed = this.#placed(place);
    return placed.active ? placed : refuse('COURT_INACTIVE');
  }

  #placed(place: Place): PlacedMatch {
    const { courts, matches } = this.#store;
    if (place.kind === 'board') {
      const match = matches.find(courts.boardMatch(place.board) ?? '');
      return match === undefined ? refuse('MATCH_NOT_FOUND') : { match, shownAs: { matchId: match.id }, active: true };
    }
    const court = courts.findByPin(place.pin) ?? refuse('PIN_NOT_FOUND');
    const match = matches.find(court.matchId) ?? refuse('MATCH_NOT_FOUND');
    return { match, shownAs: { matchId: match.id, pinCode: court.pin, courtId: court.id }, active: court.active };
  }

  #isDuplicate(match: StoredMatch, request: ActionRequest): boolean {
    if (request.idempotencyKey === undefined) return false;
    const tap = this.#store.matches.findTap(match.id, request.idempotencyKey);
    if (tap === undefined) return false;
    return tap.action === request.action || refuse('IDEMPOTENCY_KEY_REUSED', { details: { action: tap.action } });
  }

  #keep(match: StoredMatch, request: ActionRequest, actor: Actor): void {
    const { version, at, play } = match.state;
    this.#store.matches.save(match);
    if (request.idempotencyKey !== undefined) {
      this.#store.matches.rememberTap({
        matchId: match.id,
        key: request.idempotencyKey,
        action: request.action,
        version,
      });
    }
    const details = { version, score: play.score, games: play.games, gameNumber: play.gameNumber };
    this.#store.audit.write({ at, actor: actor.id, action: request.action, target: `match:${match.id}`, details });
  }
}

interface PlacedMatch {
  readonly match: StoredMatch;
  readonly shownAs: SnapshotPlace;
  readonly active: boolean;
}

/** Puts a match as it stands on every board and court that shows it. */
export function showMatch(tx: ScoreboardTransaction, store: ScoreboardStore, match: StoredMatch): void {
  for (const board of store.courts.boardsShowing(match.id)) {
    tx.channel(`board:${board}`).set(snapshotOf(match.state, { matchId: match.id }));
  }
  for (const court of store.courts.showing(match.id)) {
    const place = { matchId: match.id, pinCode: court.pin, courtId: court.id };
    tx.channel(`court:${court.pin}`).set(snapshotOf(match.state, place));
  }
}

function tellTournament(tx: ScoreboardTransaction, match: StoredMatch): void {
  if (match.tournamentId === null) return;
  const { play, setup, at } = match.state;
  tx.channel(`tournament:${match.tournamentId}`).publish('match-update', {
    tournamentId: match.tournamentId,
    matchId: match.id,
    status: play.status,
    names: setup.names,
    score: play.score,
    games: play.games,
    gameNumber: play.gameNumber,
    gameScores: play.gameScores,
    server: play.server,
    timestamp: at,
  });
}

function actionOf({ action, side }: ActionRequest): MatchAction {
  return side === undefined ? { action } : { action, side };
}
