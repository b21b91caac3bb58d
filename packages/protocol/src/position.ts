/** A point in one channel's history [PROTOCOL §3]: `epoch` names the history, `offset` counts its events from 1. */
import { accept, type Result, refuse } from './result.ts';

/** Of one event in one channel; on the wire it is opaque text. */
export interface Position {
  /** Changes whenever history was lost; offsets of different epochs never compare. `[A-Za-z0-9]{1,16}`. */
  readonly epoch: string;
  /** Offset of the last event processed; 0 = before the first. Safe integer. */
  readonly offset: number;
}

/** Why a position cannot be recovered. */
export type GapCause = 'trimmed' | 'ahead' | 'epoch' | 'invalid';

const WIRE = /^([A-Za-z0-9]{1,16})\.([0-9a-z]{1,11})$/;

/** Opaque text of a position: `epoch.offset`, offset in base 36. */
export function encodePosition(position: Position): string {
  return `${position.epoch}.${position.offset.toString(36)}`;
}

/** The position that a text stands for; refused with POSITION_INVALID. */
export function decodePosition(text: string): Result<Position> {
  const match = WIRE.exec(text);
  const offset = match === null ? Number.NaN : Number.parseInt(match[2] ?? '', 36);
  if (match === null || !Number.isSafeInteger(offset)) {
    return refuse({
      code: 'POSITION_INVALID',
      field: 'position',
      expected: 'a position this server gave out',
      got: text.slice(0, 64),
    });
  }
  return accept({ epoch: match[1] ?? '', offset });
}
