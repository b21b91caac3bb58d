/** Opening a notification: it counts as read, and leads where it leads. */
import type { Note } from '@fanfare-systems/inbox/rules';

export function openNote(note: Note, inbox: { readonly read: (note: Note) => void }): void {
  inbox.read(note);
  // Another page of this server takes this one's place; elsewhere is another tab, which knows nothing of this one.
  if (note.url?.startsWith('/')) window.location.assign(note.url);
  else if (note.url !== undefined) window.open(note.url, '_blank', 'noopener');
}
