/** Tells of what comes while somebody looks at this tab: by a toast, with or without sound, or not at all, as the user chose. */
import { type ToastTone, toast, useWords } from '@fanfare/react';
import { type Note, type NoteType, tellingOf } from '@fanfare-systems/inbox/rules';
import { useEvent } from '../live.ts';
import { words as dictionary } from '../words.ts';
import { type Inbox, preferencesOf } from './inbox-context.ts';
import { openNote } from './open-note.ts';

const TONES: Readonly<Record<NoteType, ToastTone>> = {
  info: 'plain',
  success: 'good',
  warning: 'warning',
  error: 'bad',
};
/** A toast about what happened while the user was away tells nothing that the list and the badge do not. */
const STILL_NEWS_MS = 60_000;

/** Characters: the whole of it is in the list. */
const MOST_OF_TITLE = 60;
const MOST_OF_MESSAGE = 90;

export function useNoteToasts(inbox: Inbox): void {
  const words = useWords(dictionary);
  useEvent(`inbox:${inbox.user.id}`, 'notification', (note: Note) => {
    // Of several tabs the one that is looked at.
    if (document.visibilityState === 'hidden' || Date.now() - Date.parse(note.created_at) > STILL_NEWS_MS) return;
    const telling = tellingOf(note, preferencesOf(inbox), Date.now());
    if (telling === 'nothing') return;
    const { title, message } = note;
    toast({
      id: `note-${note.id}`,
      title: shortened(title, MOST_OF_TITLE),
      ...(message === '' ? {} : { text: shortened(message, MOST_OF_MESSAGE) }),
      tone: TONES[note.type],
      silent: telling !== 'toast-with-sound',
      action: { label: note.url === undefined ? words.markRead : words.open, run: () => openNote(note, inbox) },
    });
  });
}

function shortened(text: string, most: number): string {
  // By what people see as a character: a letter with two marks is not cut in half.
  const letters = [...text.normalize('NFC')];
  return letters.length <= most
    ? text
    : `${letters
        .slice(0, most - 1)
        .join('')
        .trimEnd()}…`;
}
