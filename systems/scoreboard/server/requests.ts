/** Request bodies of the scoreboard: parsed at the edge, so that everything behind it works with known values. */

import { parseBody } from '@fanfare-systems/edge';
import {
  ACTION_NAMES,
  type ActionName,
  type MatchAction,
  type MatchSetup,
  type Side,
} from '@fanfare-systems/scoreboard/rules';
import { type Exchange, refuseField } from 'fanfare/http';
import { z } from 'zod';
import { identifier, personName } from './payloads.ts';
import type { Actor, Sessions } from './sessions.ts';

export interface ActionRequest extends MatchAction {
  readonly action: ActionName;
  readonly side?: Side;
  /** The same tap, however often it is sent. */
  readonly idempotencyKey?: string;
  /** The version that the umpire saw. */
  readonly expectedVersion?: number;
  /** The match that the umpire saw. */
  readonly matchId?: string;
}

export interface CourtRequest {
  readonly name?: string | undefined;
  readonly pin?: string | undefined;
  /** A fresh random PIN. */
  readonly rotatePin?: boolean | undefined;
  /** Puts an existing match on the court. */
  readonly matchId?: string | undefined;
  /** Puts a new match on the court. */
  readonly match?: MatchSetup | undefined;
  readonly active?: boolean | undefined;
  /** Features the court's match on the main board. */
  readonly onMainBoard?: true | undefined;
}

/** The numbers of a broadcast score; what is left out is the match's own. */
export interface ScoreBroadcast {
  readonly team1Score?: number | undefined;
  readonly team2Score?: number | undefined;
  readonly currentSet?: number | undefined;
  readonly team1Name?: string | undefined;
  readonly team2Name?: string | undefined;
  readonly server?: Side | undefined;
}

const side = z.literal([0, 1]);
const idempotencyKey = z.string().regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 visible ASCII characters');

const actionBody = z.object({
  action: z.enum(ACTION_NAMES),
  side: side.optional(),
  idempotencyKey: idempotencyKey.optional(),
  expectedVersion: z.int().min(0).optional(),
  matchId: identifier.optional(),
});

const matchSetup = z.object({
  names: z.tuple([personName, personName]),
  bestOf: z.literal([1, 3, 5]).default(3),
  firstServer: side.default(0),
});

const courtBody: z.ZodType<CourtRequest> = z
  .strictObject({
    name: personName.optional(),
    pin: z
      .string()
      .regex(/^[0-9]{4,8}$/, '4 to 8 digits')
      .optional(),
    rotatePin: z.boolean().optional(),
    matchId: identifier.optional(),
    match: matchSetup.optional(),
    active: z.boolean().optional(),
    onMainBoard: z.literal(true).optional(),
  })
  .refine((body) => body.pin === undefined || body.rotatePin !== true, 'either pin or rotatePin')
  .refine((body) => body.match === undefined || body.matchId === undefined, 'either match or matchId');

const scoreBody: z.ZodType<ScoreBroadcast> = z.object({
  team1Score: z.int().min(0).max(99).optional(),
  team2Score: z.int().min(0).max(99).optional(),
  currentSet: z.int().min(1).max(5).optional(),
  team1Name: personName.optional(),
  team2Name: personName.optional(),
  server: side.optional(),
});

const deviceBody: z.ZodType<{ readonly name: string }> = z.object({ name: personName.default('Umpire') });

export interface UmpireAction {
  readonly actor: Actor;
  readonly request: ActionRequest;
}

/**
 * Who acts, and what is to be done. Asked before the body is read, so that strangers are not read, and again after it: a
 * device may have been blocked while its body was on the way. Throws what `sessions.umpire` and `readAction` throw.
 */
export async function readUmpireAction(exchange: Exchange, sessions: Sessions): Promise<UmpireAction> {
  await sessions.umpire(exchange);
  const request = await readAction(exchange);
  return { actor: await sessions.umpire(exchange), request };
}

/** Body and headers of an action: `Idempotency-Key` and `If-Match` say the same as their fields, which win. */
async function readAction(exchange: Exchange): Promise<ActionRequest> {
  const body = parseBody(actionBody, await exchange.json());
  const key = body.idempotencyKey ?? headerKey(exchange);
  const expected = body.expectedVersion ?? headerVersion(exchange);
  return {
    action: body.action,
    ...(body.side === undefined ? {} : { side: body.side }),
    ...(key === undefined ? {} : { idempotencyKey: key }),
    ...(expected === undefined ? {} : { expectedVersion: expected }),
    ...(body.matchId === undefined ? {} : { matchId: body.matchId }),
  };
}

export async function readCourt(exchange: Exchange): Promise<CourtRequest> {
  return parseBody(courtBody, await exchange.json());
}

export async function readScore(exchange: Exchange): Promise<ScoreBroadcast> {
  return parseBody(scoreBody, await exchange.json());
}

export async function readDevice(exchange: Exchange): Promise<{ readonly name: string }> {
  return parseBody(deviceBody, await exchange.json());
}

function headerKey(exchange: Exchange): string | undefined {
  const header = exchange.header('idempotency-key');
  return header === undefined ? undefined : parseBody(idempotencyKey, header);
}

function headerVersion(exchange: Exchange): number | undefined {
  const header = exchange.header('if-match');
  if (header === undefined || header === '*') return undefined;
  const match = /^"?(\d{1,15})"?$/.exec(header);
  return match === null ? refuseField('If-Match', 'a version in quotes', header) : Number(match[1]);
}
