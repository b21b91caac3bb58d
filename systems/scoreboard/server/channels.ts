/** The channels of the scoreboard, and the types that a client of them gets. */
import type { MatchEvents, Snapshot } from '@fanfare-systems/scoreboard/rules';
import {
  type AccessRule,
  type LogDefinition,
  log,
  type ShapesOf,
  type StandardSchema,
  type StateDefinition,
  state,
} from 'fanfare';
import {
  matchCompleteSchema,
  scoreUpdateSchema,
  setCompleteSchema,
  snapshotSchema,
  statusChangeSchema,
} from './payloads.ts';
import {
  matchUpdateSchema,
  registrationUpdateSchema,
  type TournamentEvents,
  tournamentUpdateSchema,
} from './tournament-events.ts';

/** Least time between two broadcasts of one board; trailing edge: the last state always arrives. */
export const BOARD_INTERVAL_MS = 50;
export const MAX_WATCHERS = 1000;

/** Where a PIN stands in a name or an address; for `createLogger({ secrets })`. */
export const SCOREBOARD_SECRETS: readonly string[] = ['court:{pin}', '/court/{pin}'];

/** Schemas by event name: the types of the payloads, and their check. */
type SchemasOf<Events> = { readonly [E in keyof Events]: StandardSchema<Events[E]> };

const matchEvents: SchemasOf<MatchEvents> = {
  'score-update': scoreUpdateSchema,
  'set-complete': setCompleteSchema,
  'match-complete': matchCompleteSchema,
  'status-change': statusChangeSchema,
};

const tournamentEvents: SchemasOf<TournamentEvents> = {
  'tournament-update': tournamentUpdateSchema,
  'match-update': matchUpdateSchema,
  'registration-update': registrationUpdateSchema,
};

/** A type and not an interface: a channel map may be indexed by any pattern. */
export type ScoreboardChannels = {
  readonly 'board:{id}': StateDefinition<StandardSchema<Snapshot>>;
  readonly 'court:{pin}': StateDefinition<StandardSchema<Snapshot>>;
  readonly 'match:{id}': LogDefinition<SchemasOf<MatchEvents>>;
  readonly 'tournament:{id}': LogDefinition<SchemasOf<TournamentEvents>>;
};

/** For `createClient<ScoreboardShapes>()`: `client.channel('court:1234').value` is a Snapshot. */
export type ScoreboardShapes = ShapesOf<ScoreboardChannels>;

export interface ScoreboardAccess {
  readonly board: AccessRule;
  readonly court: AccessRule;
  readonly match: AccessRule;
  readonly tournament: AccessRule;
}

/** `maxWatchers`: connections per resource. @default 1000 */
export function scoreboardChannels(access: ScoreboardAccess, maxWatchers: number = MAX_WATCHERS): ScoreboardChannels {
  const board = { schema: snapshotSchema, minIntervalMs: BOARD_INTERVAL_MS, maxSubscribers: maxWatchers };
  const followed = { keep: { count: 1000, days: 7 }, maxSubscribers: maxWatchers };
  return {
    'board:{id}': state({ ...board, access: access.board }),
    'court:{pin}': state({ ...board, access: access.court }),
    'match:{id}': log({ ...followed, events: matchEvents, access: access.match }),
    'tournament:{id}': log({ ...followed, events: tournamentEvents, access: access.tournament }),
  };
}
