/** What a page knows of the user's notifications: one value, changed by what is read from the server and by what it tells. Pure. */
import { isMarked, type Note, type ReadMark } from '@fanfare-systems/inbox/rules';
import type { Listed } from '../api.ts';

export interface InboxState {
  /** Newest first, without a hole from the newest on. undefined: not read yet. */
  readonly notes: readonly Note[] | undefined;
  /** As the list said; the channel of the count knows better, once it has spoken. */
  readonly unread: number;
  /** From where on there is more; null: there is not. */
  readonly next: number | null;
}

export type InboxEvent =
  /** The first page, read after the channel was followed: what came in between is in both. */
  | { readonly kind: 'listed'; readonly listed: Listed }
  | { readonly kind: 'listed-more'; readonly listed: Listed; readonly before: number }
  | { readonly kind: 'came'; readonly note: Note }
  | { readonly kind: 'read'; readonly mark: ReadMark }
  /** What this page marked did not reach the server. */
  | { readonly kind: 'unread-again'; readonly ids: readonly number[] };

export const EMPTY_INBOX: InboxState = { notes: undefined, unread: 0, next: null };

export function nextInbox(state: InboxState, event: InboxEvent): InboxState {
  const { notes = [] } = state;
  switch (event.kind) {
    case 'listed':
      return withFirstPage(state, event.listed);
    case 'listed-more':
      // Another answer came first: this one is older.
      if (state.next !== event.before) return state;
      return { ...state, notes: merged(notes, event.listed.items), next: event.listed.next };
    case 'came':
      return { ...state, notes: merged([event.note], notes) };
    case 'read':
      return withNotes(state, (note) => (isMarked(note, event.mark) ? { ...note, read_at: event.mark.read_at } : note));
    case 'unread-again':
      return withNotes(state, (note) => (event.ids.includes(note.id) ? { ...note, read_at: null } : note));
  }
}

/** Older pages that hang together with this one stay; where there may be a hole between them, they are read again when asked for. */
function withFirstPage(state: InboxState, { items, unread, next }: Listed): InboxState {
  const { notes = [] } = state;
  const oldest = items.at(-1)?.id;
  const newest = items[0]?.id ?? 0;
  const hangTogether = oldest !== undefined && notes.some(({ id }) => id === oldest);
  const fresher = notes.filter(({ id }) => id > newest);
  if (!hangTogether) return { notes: merged(fresher, items), unread, next };
  return { notes: merged(items, notes), unread, next: state.next };
}

/** Each once, newest first; of two the one that was read, as nothing becomes unread. */
function merged(some: readonly Note[], others: readonly Note[]): readonly Note[] {
  const byId = new Map<number, Note>();
  for (const note of [...some, ...others]) {
    const known = byId.get(note.id);
    if (known === undefined || known.read_at === null) byId.set(note.id, note);
  }
  return [...byId.values()].sort((a, b) => b.id - a.id);
}

function withNotes(state: InboxState, change: (note: Note) => Note): InboxState {
  return state.notes === undefined ? state : { ...state, notes: state.notes.map(change) };
}
