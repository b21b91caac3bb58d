/** Events of a tournament's log: types, and the schemas that check them. */
import type { MatchStatus, Pair, Side } from '@fanfare-systems/scoreboard/rules';
import type { StandardSchema } from 'fanfare';
import { z } from 'zod';
import { identifier, personName } from './payloads.ts';

export interface TournamentUpdate {
  readonly tournamentId: string;
  readonly eventType: 'registration' | 'bracket-update' | 'schedule-change';
  readonly changes: {
    readonly matchId?: string | undefined;
    readonly status?: string | undefined;
    readonly winner?: Side | string | null | undefined;
    readonly nextMatch?: unknown;
  };
  readonly timestamp: number;
}

export interface MatchUpdate {
  readonly tournamentId: string;
  readonly matchId: string;
  readonly status: MatchStatus;
  readonly names: readonly [string, string];
  readonly score: Pair;
  readonly games: Pair;
  readonly gameNumber: number;
  readonly gameScores: readonly Pair[];
  readonly server: Side;
  readonly timestamp: number;
}

export interface RegistrationUpdate {
  readonly tournamentId: string;
  readonly playerId: string;
  readonly playerName: string;
  readonly action: 'registered' | 'withdrawn' | 'confirmed';
  readonly category: 'MS' | 'WS' | 'MD' | 'WD' | 'XD';
  readonly totalRegistrations: number;
  readonly timestamp: number;
}

/** Payload by event name. */
export interface TournamentEvents {
  readonly 'tournament-update': TournamentUpdate;
  readonly 'match-update': MatchUpdate;
  readonly 'registration-update': RegistrationUpdate;
}

const count = z.int().min(0);
const pair = z.tuple([count, count]);
const side = z.literal([0, 1]);
const shortText = z.string().max(200);
const stamped = { tournamentId: z.string(), timestamp: z.int() };

const tournamentFields = {
  eventType: z.enum(['registration', 'bracket-update', 'schedule-change']),
  changes: z.object({
    matchId: identifier.optional(),
    status: shortText.optional(),
    winner: z.union([side, shortText], 'a side (0 or 1), a name, or null').nullable().optional(),
    nextMatch: z.unknown(),
  }),
};

const matchFields = {
  matchId: identifier,
  status: z.enum(['scheduled', 'live', 'finished', 'paused']),
  names: z.tuple([personName, personName]),
  score: pair,
  games: pair,
  gameNumber: z.int().min(1),
  gameScores: z.array(pair).max(5),
  server: side,
};

const registrationFields = {
  playerId: shortText,
  playerName: personName,
  action: z.enum(['registered', 'withdrawn', 'confirmed']),
  category: z.enum(['MS', 'WS', 'MD', 'WD', 'XD']),
  totalRegistrations: count,
};

export const tournamentUpdateSchema: StandardSchema<TournamentUpdate> = z.object({ ...stamped, ...tournamentFields });
export const matchUpdateSchema: StandardSchema<MatchUpdate> = z.object({ ...stamped, ...matchFields });
export const registrationUpdateSchema: StandardSchema<RegistrationUpdate> = z.object({
  ...stamped,
  ...registrationFields,
});

/** What an admin broadcasts: `event` names the kind and may be left out for a tournament-update; id and timestamp are ours. */
export type TournamentBroadcast =
  | { readonly event: 'tournament-update'; readonly fields: Omit<TournamentUpdate, 'tournamentId' | 'timestamp'> }
  | { readonly event: 'match-update'; readonly fields: Omit<MatchUpdate, 'tournamentId' | 'timestamp'> }
  | { readonly event: 'registration-update'; readonly fields: Omit<RegistrationUpdate, 'tournamentId' | 'timestamp'> };

export const tournamentBroadcastSchema: z.ZodType<TournamentBroadcast> = z.discriminatedUnion(
  'event',
  [
    z
      .object({ event: z.literal('match-update'), ...matchFields })
      .transform(({ event, ...fields }) => ({ event, fields })),
    z
      .object({ event: z.literal('registration-update'), ...registrationFields })
      .transform(({ event, ...fields }) => ({ event, fields })),
    z
      .object({ event: z.literal('tournament-update').optional(), ...tournamentFields })
      .transform(({ event = 'tournament-update', ...fields }) => ({ event, fields })),
  ],
  'tournament-update, match-update or registration-update',
);
