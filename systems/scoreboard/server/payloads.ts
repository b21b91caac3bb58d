/** What flows in the scoreboard's channels, as schemas: checked before anything is stored, and the source of the JSON Schema. */
import {
  ACTION_NAMES,
  type MatchComplete,
  type ScoreUpdate,
  type SetComplete,
  type Snapshot,
  type StatusChange,
} from '@fanfare-systems/scoreboard/rules';
import type { StandardSchema } from 'fanfare';
import { z } from 'zod';

const count = z.int().min(0);
const pair = z.tuple([count, count]);
const side = z.literal([0, 1]);
const timestamp = z.int().describe('milliseconds since the epoch');

/** People's names go on every screen: no control characters, not too long. */
export const personName: z.ZodType<string, string> = z
  .string()
  .trim()
  .min(1)
  .max(80)
  .regex(/^\P{Cc}*$/u, 'no control characters');

export const identifier: z.ZodType<string, string> = z
  .string()
  .regex(/^[A-Za-z0-9_-]{1,64}$/, 'letters, digits, _ and -, at most 64');

const snapshotObject = z.object({
  score: pair.describe('points in the game being played, [side A, side B]'),
  games: pair.describe('games won'),
  gameNumber: z.int().min(1).describe('the game being played'),
  server: side.describe('who serves next'),
  names: z.tuple([z.string(), z.string()]).optional(),
  bestOf: z.literal([1, 3, 5]).optional(),
  gameScores: z.array(pair).optional().describe('completed games, oldest first'),
  matchStatus: z.enum(['scheduled', 'live', 'finished', 'paused']).optional(),
  lastAction: z.enum(ACTION_NAMES).optional(),
  timestamp: timestamp.optional(),
  pinCode: z.string().optional().describe("only where the stream is a court's"),
  courtId: z.string().optional().describe("only where the stream is a court's"),
  matchId: z.string().optional(),
  version: count.optional().describe('grows with every accepted action of the match'),
  gameOver: z.boolean().optional().describe('the game is won, nextGame is awaited'),
  endsSwapped: z.boolean().optional().describe('show side B on the left'),
  notice: z.enum(['interval', 'change-ends', 'game-over', 'match-over']).optional(),
  winner: side.optional(),
  undoLabel: z.enum(ACTION_NAMES).optional().describe('what undo would take back; absent: nothing'),
});

export const snapshotSchema: StandardSchema<Snapshot> = snapshotObject;

/** JSON Schema draft-07 of Snapshot, as served at /api/schemas/snapshot.json. */
export const snapshotJsonSchema: Readonly<Record<string, unknown>> = {
  ...z.toJSONSchema(snapshotObject, { target: 'draft-7', io: 'input' }),
  title: 'Snapshot',
  description: 'The state of a badminton match, as every screen renders it.',
};

export const scoreUpdateSchema: StandardSchema<ScoreUpdate> = z.object({
  matchId: z.string(),
  team1Score: count,
  team2Score: count,
  currentSet: z.int().min(1),
  team1Name: z.string(),
  team2Name: z.string(),
  server: side,
  timestamp,
});

export const setCompleteSchema: StandardSchema<SetComplete> = z.object({
  matchId: z.string(),
  setNumber: z.int().min(1),
  scores: z.object({ team1: count, team2: count }),
  winner: side,
  duration: count,
  totalGames: pair,
  nextSetServer: side,
  timestamp,
});

export const matchCompleteSchema: StandardSchema<MatchComplete> = z.object({
  matchId: z.string(),
  finalScore: z.object({ games: pair, sets: z.array(pair) }),
  winner: side,
  winnerName: z.string(),
  duration: count,
  matchStatus: z.literal('finished'),
  timestamp,
});

export const statusChangeSchema: StandardSchema<StatusChange> = z.object({
  matchId: z.string(),
  status: z.enum(['live', 'finished', 'paused']),
  timestamp,
});
