/** Where the client stands in one channel [PROTOCOL §3]: the last event whose handlers ran. The client owns it, not the server. */

export interface Position {
  /** As the server gave it out; sent back unchanged. */
  readonly text: string;
  /** Offsets of two epochs do not compare. */
  readonly epoch: string;
  readonly offset: number;
}

export function positionAt(epoch: string, offset: number): Position {
  return { text: `${epoch}.${offset.toString(36)}`, epoch, offset };
}

/** undefined: the text is none. */
export function readPosition(text = ''): Position | undefined {
  const [, epoch, offset] = /^(\w+)\.(\w+)$/.exec(text) ?? [];
  return epoch && offset ? { text, epoch, offset: Number.parseInt(offset, 36) } : undefined;
}

/** Of one history, and not after the other. */
export function isUpTo(one: Position, other: Position | undefined): boolean {
  return one.epoch === other?.epoch && one.offset <= other.offset;
}

/** The earlier of two; of two histories the first, since its reader is the one that lags. */
export function earlier(one: Position, other: Position | undefined): Position {
  return other && isUpTo(other, one) ? other : one;
}
