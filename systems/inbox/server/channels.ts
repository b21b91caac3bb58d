/** The channels of the inbox, and the types that a client of them gets. */
import type { LiveCounters, Note, Preferences, ReadMark } from '@fanfare-systems/inbox/rules';
import {
  type AccessDecision,
  type AccessRequest,
  type LogDefinition,
  log,
  type ShapesOf,
  type StandardSchema,
  type StateDefinition,
  state,
} from 'fanfare';
import { isStaff } from './callers.ts';
import {
  countersSchema,
  noteSchema,
  preferencesSchema,
  readMarkSchema,
  type Unread,
  unreadSchema,
} from './payloads.ts';

/** Open connections of one user: tabs share theirs, so this is devices. */
const MAX_CONNECTIONS_PER_USER = 100;
/** What a device that was away gets event by event; after more than this it is told to read the list. */
const REPLAYED_EVENTS = 1000;

/** A type and not an interface: a channel map may be indexed by any pattern. */
export type InboxChannels = {
  /** Everything that happens to the user's notifications, in order. */
  readonly 'inbox:{user}': LogDefinition<{
    readonly notification: StandardSchema<Note>;
    readonly read: StandardSchema<ReadMark>;
    readonly preferences: StandardSchema<Preferences>;
  }>;
  /** How many are unread: the newest value, at once on every connect. */
  readonly 'inbox-unread:{user}': StateDefinition<StandardSchema<Unread>>;
  /** For the staff page. */
  readonly 'inbox-counters': StateDefinition<StandardSchema<LiveCounters>>;
};

/** For `createClient<InboxShapes>()`. */
export type InboxShapes = ShapesOf<InboxChannels>;

export function inboxChannels(keepDays: number): InboxChannels {
  return {
    'inbox:{user}': log({
      events: { notification: noteSchema, read: readMarkSchema, preferences: preferencesSchema },
      keep: { count: REPLAYED_EVENTS, days: keepDays },
      maxSubscribers: MAX_CONNECTIONS_PER_USER,
      access: ownInbox,
    }),
    'inbox-unread:{user}': state({
      schema: unreadSchema,
      maxSubscribers: MAX_CONNECTIONS_PER_USER,
      access: ownInbox,
    }),
    'inbox-counters': state({ schema: countersSchema, access: staffOnly }),
  };
}

export function inboxOf(userId: number): `inbox:${number}` {
  return `inbox:${userId}`;
}

export function unreadOf(userId: number): `inbox-unread:${number}` {
  return `inbox-unread:${userId}`;
}

/** The user whose inbox a channel is; undefined: it is no inbox. */
export function ownerOf(channel: string): number | undefined {
  const [, user] = /^inbox:(\d{1,15})$/.exec(channel) ?? [];
  return user === undefined ? undefined : Number(user);
}

const FORBIDDEN: AccessDecision = { allow: false, status: 403, code: 'FORBIDDEN' };
const UNAUTHENTICATED: AccessDecision = { allow: false, status: 401, code: 'UNAUTHENTICATED' };

/** One's own, staff included: what a user is told is nobody else's business. Only the server writes. */
function ownInbox({ action, params, identity }: AccessRequest): AccessDecision {
  if (action === 'publish') return FORBIDDEN;
  if (identity === undefined) return UNAUTHENTICATED;
  return identity.subject === params['user'] ? { allow: true } : FORBIDDEN;
}

function staffOnly({ action, identity }: AccessRequest): AccessDecision {
  if (action === 'publish') return FORBIDDEN;
  if (identity === undefined) return UNAUTHENTICATED;
  return isStaff(identity) ? { allow: true } : FORBIDDEN;
}
