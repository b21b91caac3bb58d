/** Bodies and queries of the inbox: parsed at the edge, so that everything behind it works with known values. */
import { isRole, ROLES, type Role } from '@fanfare-systems/accounts';
import { parseBody } from '@fanfare-systems/edge';
import { isTimeOfDay, isTimeZone, NOTE_TYPES, type PreferencesChange } from '@fanfare-systems/inbox/rules';
import type { Exchange } from 'fanfare/http';
import { z } from 'zod';
import type { ListRange, NoteText } from './store/note-store.ts';
import { TRANSPORT_NAMES, type TransportName } from './transport-names.ts';

/** To whom: one user, some, or everybody with a role. */
export type Recipients =
  | { readonly kind: 'users'; readonly ids: readonly number[] }
  | { readonly kind: 'role'; readonly role: Role };

export interface SendOrder {
  readonly to: Recipients;
  readonly note: NoteText;
  /** The same for every repetition: sent once to each recipient. */
  readonly key: string | undefined;
  /** Asked for with `user_id`: the answer holds the notification. */
  readonly single: boolean;
}

export interface AnalyticsRange {
  readonly days: number;
  readonly timeZone: string;
}

const MAX_RECIPIENTS = 1000;
const MAX_DATA_BYTES = 16 * 1024;

const id = z.int().min(1);
const title = z
  .string()
  .trim()
  .min(1)
  .max(200)
  .regex(/^\P{Cc}*$/u, 'one line of text without control characters');
const message = z
  .string()
  .trim()
  .max(4000)
  .regex(/^(?:\P{Cc}|[\n\t])*$/u, 'text without control characters');
/** It becomes a link: nothing that runs, and no address of another host that looks like a path. */
const url = z
  .string()
  .max(2000)
  .regex(/^(?:https?:\/\/|\/(?![/\\]))[^\s\\]*$/i, 'an http(s) address, or a path that begins with one /');
const data = z
  .unknown()
  .refine(
    (value) => Buffer.byteLength(JSON.stringify(value) ?? '') <= MAX_DATA_BYTES,
    `at most ${MAX_DATA_BYTES} bytes`,
  );
const sendKey = z.string().regex(/^[\x21-\x7e]{1,128}$/, '1 to 128 visible ASCII characters');
const role: z.ZodType<Role> = z.string().refine(isRole, `one of ${ROLES.join(', ')}`);

const orderBody = z
  .strictObject({
    user_id: id.optional(),
    user_ids: z.array(id).min(1).max(MAX_RECIPIENTS).optional(),
    role: role.optional(),
    title,
    message: message.default(''),
    type: z.enum(NOTE_TYPES).default('info'),
    url: url.optional(),
    data: data.optional(),
    idempotency_key: sendKey.optional(),
  })
  .refine(
    ({ user_id, user_ids, role: named }) => [user_id, user_ids, named].filter((to) => to !== undefined).length === 1,
    { message: 'exactly one of user_id, user_ids and role', path: ['user_id'] },
  );

const typePreference = z.strictObject({ on: z.boolean().optional(), sound: z.boolean().optional() }).optional();
const timeOfDay = z.string().refine(isTimeOfDay, 'a time as HH:MM');
const timeZone = z.string().max(64).refine(isTimeZone, 'the name of a time zone, such as Asia/Ho_Chi_Minh');

const preferencesBody: z.ZodType<PreferencesChange> = z.strictObject({
  types: z
    .strictObject({
      info: typePreference,
      success: typePreference,
      warning: typePreference,
      error: typePreference,
    })
    .optional(),
  quiet_hours: z
    .strictObject({
      on: z.boolean().optional(),
      from: timeOfDay.optional(),
      to: timeOfDay.optional(),
      time_zone: timeZone.optional(),
    })
    .optional(),
});

const readAllBody = z.strictObject({ up_to: id.optional() });
const transportsBody = z.strictObject({ transports: z.array(z.enum(TRANSPORT_NAMES)).min(1) });

const wholeNumber = (max: number) =>
  z
    .string()
    .regex(/^[0-9]{1,15}$/, `1..${max}`)
    .transform(Number)
    .pipe(z.int().min(1).max(max));
const listQuery = z.object({
  before: wholeNumber(Number.MAX_SAFE_INTEGER).default(Number.MAX_SAFE_INTEGER),
  limit: wholeNumber(100).default(20),
  unread: z.enum(['true', 'false', '1', '0']).default('false'),
});
const analyticsQuery = z.object({ days: wholeNumber(90).default(7), time_zone: timeZone.default('UTC') });

export async function readOrder(exchange: Exchange): Promise<SendOrder> {
  const body = parseBody(orderBody, await exchange.json());
  const { user_id: one, user_ids: many = [], role: named } = body;
  const header = exchange.header('idempotency-key');
  return {
    to:
      named === undefined
        ? { kind: 'users', ids: one === undefined ? [...new Set(many)] : [one] }
        : { kind: 'role', role: named },
    note: { title: body.title, message: body.message, type: body.type, url: body.url, data: body.data },
    key: body.idempotency_key ?? (header === undefined ? undefined : parseBody(sendKey, header)),
    single: one !== undefined,
  };
}

export async function readPreferences(exchange: Exchange): Promise<PreferencesChange> {
  return parseBody(preferencesBody, await exchange.json());
}

/** Up to which id; a request without a body means all. */
export async function readUpTo(exchange: Exchange): Promise<number> {
  const isEmpty =
    exchange.header('transfer-encoding') === undefined && Number(exchange.header('content-length') ?? 0) === 0;
  const body = isEmpty ? {} : parseBody(readAllBody, await exchange.json());
  return body.up_to ?? Number.MAX_SAFE_INTEGER;
}

export async function readTransports(exchange: Exchange): Promise<readonly TransportName[]> {
  return parseBody(transportsBody, await exchange.json()).transports;
}

export function readNoteId(exchange: Exchange): number {
  // What is no number is no notification either: whoever asks for it gets the same answer.
  const text = exchange.param('id');
  return /^[0-9]{1,15}$/.test(text) ? Number(text) : 0;
}

export function readListRange({ query }: Exchange, userId: number): ListRange {
  const { before, limit, unread } = parseBody(listQuery, Object.fromEntries(query));
  return { userId, before, limit, unreadOnly: unread === 'true' || unread === '1' };
}

export function readAnalyticsRange({ query }: Exchange): AnalyticsRange {
  const { days, time_zone } = parseBody(analyticsQuery, Object.fromEntries(query));
  return { days, timeZone: time_zone };
}
