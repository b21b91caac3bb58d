/**
 * Reads what the server sent, by a table: what is not a frame [PROTOCOL §5] goes no further. Shorter than the protocol's own
 * decoder, whose words are for those who write frames; unknown fields stay, and nobody looks at them.
 */
import type { ServerFrame } from '@fanfare/protocol';

/** Fields by type: `s` text, `n` a whole number from 0, `b` true or false, `*` anything, `a` a list; with `?` it may be absent. */
const FIELDS: { readonly [T in ServerFrame['type']]: string } = {
  event: 'channel:s event:s key:s? position:s? data:*',
  connected: 'connection:s heartbeatMs:n retryMs:n? transports:a?',
  subscribed: 'channel:s kind:s position:s? recovered:b? cause:s?',
  unsubscribed: 'channel:s code:s? reason:s?',
  heartbeat: 'time:n',
  error: 'code:s message:s channel:s? id:n? retry:b?',
  close: 'code:n reason:s reconnect:b retryMs:n?',
  published: 'id:n position:s? duplicate:b ack:s',
  authenticated: '',
  transports: 'transports:a',
};

/** The frame, or what is wrong with it. */
export function readFrame(text: string): ServerFrame | string {
  try {
    return checkFrame(JSON.parse(text));
  } catch {
    return 'not JSON';
  }
}

export function checkFrame(value: unknown): ServerFrame | string {
  if (typeof value !== 'object' || value === null || !('type' in value)) return 'no type';
  const { type } = value;
  const fields =
    typeof type === 'string' && Object.hasOwn(FIELDS, type) ? FIELDS[type as ServerFrame['type']] : undefined;
  if (fields === undefined) return `unknown type ${type}`;
  for (const field of fields.split(' ')) {
    const [name = '', kind = ''] = field.split(':');
    const held: unknown = Object.getOwnPropertyDescriptor(value, name)?.value;
    if (field !== '' && !(held === undefined ? kind.endsWith('?') : fits(held, kind[0]))) return `${type}: bad ${name}`;
  }
  return value as ServerFrame;
}

function fits(value: unknown, kind: string | undefined): boolean {
  if (kind === 's') return typeof value === 'string';
  if (kind === 'n') return Number.isSafeInteger(value) && Number(value) >= 0;
  if (kind === 'b') return typeof value === 'boolean';
  return kind === '*' || Array.isArray(value);
}
