/** A notification, as every client gets it: the contract's object, field by field. */

export const NOTE_TYPES = ['info', 'success', 'warning', 'error'] as const;

export type NoteType = (typeof NOTE_TYPES)[number];

export interface Note {
  /** Grows: of two notifications the one with the higher id is the newer. */
  readonly id: number;
  readonly user_id: number;
  readonly title: string;
  readonly message: string;
  readonly type: NoteType;
  /** Where it leads: an http(s) address, or a path of this server. */
  readonly url?: string | undefined;
  /** The sender's own, handed on as it is. */
  readonly data?: unknown;
  /** ISO 8601, UTC. */
  readonly created_at: string;
  /** null: unread. */
  readonly read_at: string | null;
}

/** What was read, told to all tabs and devices of the user: these, or everything up to this id. */
export interface ReadMark {
  readonly ids?: readonly number[] | undefined;
  readonly up_to?: number | undefined;
  readonly read_at: string;
}

/** Does the mark mean this notification? One that was read before keeps its own time. */
export function isMarked(note: Note, mark: ReadMark): boolean {
  if (note.read_at !== null) return false;
  return mark.ids?.includes(note.id) === true || (mark.up_to !== undefined && note.id <= mark.up_to);
}

export function isNoteType(value: unknown): value is NoteType {
  return NOTE_TYPES.some((type) => type === value);
}
