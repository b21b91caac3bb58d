/**
 * Where a Socket.IO client stands: the last argument of every event that can be recovered, which the client gives back when
 * it reconnects. `POSITION!CURSOR`: of the namespace's log, and of the hub channels that the socket is in.
 */
import { decodeCursor, decodePosition, encodePosition } from '@fanfare/protocol';

export interface Offset {
  /** In the log of the namespace; '': before everything of this server. */
  readonly position: string;
  /** Of the hub channels; '': none was heard of. */
  readonly cursor: string;
}

const OFFSET = /^([A-Za-z0-9.]{0,64})!([A-Za-z0-9._~-]{0,4096})$/;

export function encodeOffset({ position, cursor }: Offset): string {
  return `${position}!${cursor}`;
}

/** undefined: no server of ours wrote it. */
export function decodeOffset(text: string): Offset | undefined {
  const [, position, cursor] = OFFSET.exec(text) ?? [];
  return position === undefined || cursor === undefined ? undefined : { position, cursor };
}

/**
 * The position from which a channel goes on: what the client says of it, unless it left the channel and joined it again since;
 * then where it joined. undefined: neither says anything.
 */
export function resumeFrom(cursor: string, channel: string, joinedAt: string | undefined): string | undefined {
  const decoded = decodeCursor(cursor);
  const heard = decoded.ok ? decoded.value.position(channel) : undefined;
  if (heard === undefined) return joinedAt;
  const text = encodePosition(heard);
  return joinedAt !== undefined && isAfter(joinedAt, text) ? joinedAt : text;
}

/** Both in one history, and the first is the later. */
export function isAfter(one: string, other: string): boolean {
  const [a, b] = [decodePosition(one), decodePosition(other)];
  return a.ok && b.ok && a.value.epoch === b.value.epoch && a.value.offset > b.value.offset;
}
