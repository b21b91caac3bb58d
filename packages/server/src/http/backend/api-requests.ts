/** The requests of the backend API, read by hand: publish is the hottest path there is, and every refusal names its field. */
import { decodePosition, isTransportName, TRANSPORTS, type TransportName } from '@fanfare/protocol';
import { fail, refuseField } from '../errors.ts';
import type {
  LiveAuditRange,
  LiveHistoryRange,
  LivePublish,
  LiveQuestion,
  LiveRevocation,
  LiveSet,
  LiveTarget,
} from '../live-api.ts';

const MAX_BATCH_ITEMS = 1000;
const MAX_AUDIT_PAGE = 1000;
const MAX_TEXT = 1024;
const EXPLAINED = ['subscribe', 'publish', 'history', 'presence', 'manage'] as const;

/** An item of a batch: with an `event` it is a publish, without one a set. */
export type BatchItem =
  | { readonly kind: 'publish'; readonly request: LivePublish }
  | { readonly kind: 'set'; readonly request: LiveSet };

type Fields = Readonly<Record<string, unknown>>;

/** Each reader throws FIELD_MISSING, FIELD_INVALID or FIELD_UNKNOWN as an HttpError. */
export function readPublish(body: unknown): LivePublish {
  const fields = readFields(body);
  for (const name in fields) {
    if (name !== 'channel' && name !== 'event' && name !== 'data' && name !== 'idempotencyKey') {
      fail('FIELD_UNKNOWN', { field: name });
    }
  }
  return {
    channel: requiredText(fields, 'channel'),
    event: requiredText(fields, 'event'),
    data: requiredValue(fields, 'data'),
    idempotencyKey: optionalText(fields, 'idempotencyKey'),
  };
}

export function readSet(body: unknown): LiveSet {
  const fields = readFields(body);
  refuseOthers(fields, ['channel', 'data', 'key', 'idempotencyKey']);
  return {
    channel: requiredText(fields, 'channel'),
    data: requiredValue(fields, 'data'),
    key: optionalText(fields, 'key'),
    idempotencyKey: optionalText(fields, 'idempotencyKey'),
  };
}

export function readBatchItem(item: unknown): BatchItem {
  return typeof item === 'object' && item !== null && 'event' in item
    ? { kind: 'publish', request: readPublish(item) }
    : { kind: 'set', request: readSet(item) };
}

export function readBatch(body: unknown): readonly unknown[] {
  const fields = readFields(body);
  refuseOthers(fields, ['items']);
  const items = requiredValue(fields, 'items');
  if (!Array.isArray(items)) {
    return refuseField('items', 'a list', items);
  }
  if (items.length === 0) {
    fail('BATCH_EMPTY');
  }
  if (items.length > MAX_BATCH_ITEMS) {
    fail('BATCH_TOO_LARGE', { limit: MAX_BATCH_ITEMS });
  }
  return items;
}

export function readHistory(body: unknown): LiveHistoryRange {
  const fields = readFields(body);
  refuseOthers(fields, ['channel', 'after', 'limit']);
  const { limit } = fields;
  if (limit !== undefined && typeof limit !== 'number') {
    return refuseField('limit', 'a number', limit);
  }
  return { channel: requiredText(fields, 'channel'), after: optionalText(fields, 'after'), limit };
}

/** Which wires to allow; undefined: the caller only asks. */
export function readTransports(body: unknown): readonly TransportName[] | undefined {
  const fields = readFields(body);
  refuseOthers(fields, ['transports']);
  const { transports } = fields;
  if (transports === undefined) return undefined;
  const names = TRANSPORTS.join(', ');
  if (!Array.isArray(transports) || transports.length === 0) {
    return refuseField('transports', `a list of at least one of ${names}`, transports);
  }
  return transports.map((name: unknown, at) =>
    isTransportName(name) ? name : refuseField(`transports.${at}`, `one of ${names}`, name),
  );
}

/** Whom to disconnect: at least one of the fields. */
export function readTarget(body: unknown): LiveTarget {
  const fields = readFields(body);
  refuseOthers(fields, ['subject', 'tokenId', 'connection', 'channel']);
  const target: Record<string, string> = {};
  for (const name of Object.keys(fields)) target[name] = filledText(fields, name);
  if (Object.keys(target).length === 0) fail('FIELD_MISSING', { field: 'subject, tokenId, connection or channel' });
  return target;
}

/** Which part of the audit trail to read. */
export function readAudit(body: unknown): LiveAuditRange {
  const fields = readFields(body);
  refuseOthers(fields, ['trail', 'after', 'limit']);
  const { trail, limit } = fields;
  if (trail !== undefined && trail !== 'acts' && trail !== 'denials')
    return refuseField('trail', 'acts or denials', trail);
  const after = optionalText(fields, 'after');
  if (after !== undefined && !decodePosition(after).ok) fail('POSITION_INVALID', { field: 'after' });
  if (limit === undefined) return { trail, after };
  const isLimit = typeof limit === 'number' && Number.isInteger(limit) && limit >= 1 && limit <= MAX_AUDIT_PAGE;
  return isLimit ? { trail, after, limit } : fail('LIMIT_INVALID', { field: 'limit' });
}

/** What to revoke: a token, a subject, or everything that was issued before a time. */
export function readRevocation(body: unknown): LiveRevocation {
  const fields = readFields(body);
  refuseOthers(fields, ['tokenId', 'expiresAt', 'subject', 'issuedBefore']);
  const { tokenId, expiresAt, subject, issuedBefore } = fields;
  const isEnd = typeof expiresAt === 'number' && Number.isFinite(expiresAt) && expiresAt >= 0 && tokenId !== undefined;
  if (expiresAt !== undefined && !isEnd) {
    return refuseField('expiresAt', 'milliseconds since 1970, beside tokenId', expiresAt);
  }
  const isTime = typeof issuedBefore === 'number' && Number.isFinite(issuedBefore) && issuedBefore >= 0;
  if (issuedBefore !== undefined && !isTime) {
    return refuseField('issuedBefore', 'milliseconds since 1970', issuedBefore);
  }
  const time = issuedBefore === undefined ? {} : { issuedBefore };
  if (tokenId !== undefined) {
    if (subject !== undefined || issuedBefore !== undefined)
      refuseField('tokenId', 'no other field beside it', tokenId);
    return { tokenId: filledText(fields, 'tokenId'), ...(isEnd ? { expiresAt } : {}) };
  }
  if (subject !== undefined) return { subject: filledText(fields, 'subject'), ...time };
  return issuedBefore === undefined
    ? fail('FIELD_MISSING', { field: 'tokenId, subject or issuedBefore' })
    : { issuedBefore };
}

/** About whom: a token, or a subject with roles; none of these: nobody in particular. */
export function readExplain(body: unknown): LiveQuestion {
  const fields = readFields(body);
  refuseOthers(fields, ['action', 'channel', 'token', 'subject', 'roles']);
  const { subject, roles = [] } = fields;
  const action = EXPLAINED.find((known) => known === fields['action']);
  if (action === undefined)
    return refuseField('action', `one of ${EXPLAINED.join(', ')}`, requiredValue(fields, 'action'));
  const about = { action, channel: requiredText(fields, 'channel') };
  if (fields['token'] !== undefined) return { ...about, token: requiredText(fields, 'token') };
  if (subject === undefined) return about;
  const isList = Array.isArray(roles) && roles.every((role) => typeof role === 'string');
  const found = { subject: filledText(fields, 'subject'), roles: isList ? roles : [] };
  return isList ? { ...about, identity: found } : refuseField('roles', 'a list of texts', roles);
}

/** For calls that take nothing. */
export function readNothing(body: unknown): void {
  refuseOthers(readFields(body), []);
}

function readFields(body: unknown): Fields {
  return isFields(body) ? body : refuseField('body', 'a JSON object', body);
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function refuseOthers(fields: Fields, known: readonly string[]): void {
  const unknown = Object.keys(fields).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    fail('FIELD_UNKNOWN', { field: unknown });
  }
}

function requiredValue(fields: Fields, name: string): unknown {
  const value = fields[name];
  return value === undefined ? fail('FIELD_MISSING', { field: name }) : value;
}

function requiredText(fields: Fields, name: string): string {
  const value = fields[name];
  return typeof value === 'string' ? value : refuseField(name, 'a string', requiredValue(fields, name));
}

/** Names of people and of tokens. */
function filledText(fields: Fields, name: string): string {
  const value = requiredText(fields, name);
  return value !== '' && value.length <= MAX_TEXT ? value : refuseField(name, `1 to ${MAX_TEXT} characters`, value);
}

function optionalText(fields: Fields, name: string): string | undefined {
  const value = fields[name];
  return value === undefined || typeof value === 'string' ? value : refuseField(name, 'a string', value);
}
