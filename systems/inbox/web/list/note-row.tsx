/** One notification: what it says, when, where it leads, and whether it was read. */
import { formatAgo, formatExact, useLanguage, useWords } from '@fanfare/react';
import type { Note } from '@fanfare-systems/inbox/rules';
import type { ReactElement } from 'react';
import { Icon } from '../parts/icons.tsx';
import { words as dictionary } from '../words.ts';
import { useInbox } from './inbox-context.ts';
import { openNote } from './open-note.ts';

export interface NoteRowProps {
  readonly note: Note;
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** As in the bell: the message on one line. @default false */
  readonly isCompact?: boolean;
  /** In the tab order: of a list one row is, and the arrow keys go to the others. @default true */
  readonly isReachable?: boolean;
}

export function NoteRow({ note, now, isCompact = false, isReachable = true }: NoteRowProps): ReactElement {
  const words = useWords(dictionary);
  const language = useLanguage();
  const inbox = useInbox();
  const at = Date.parse(note.created_at);
  const isUnread = note.read_at === null;
  return (
    <button
      type="button"
      className="note"
      data-type={note.type}
      data-unread={isUnread ? '' : undefined}
      data-compact={isCompact ? '' : undefined}
      data-note={note.id}
      tabIndex={isReachable ? 0 : -1}
      onClick={() => openNote(note, inbox)}
    >
      <span className="note__icon">
        <Icon name={note.type} />
      </span>
      <span className="note__body">
        <span className="note__head">
          <span className="note__title">
            <span className="visually-hidden">
              {words.types[note.type]}
              {isUnread ? `, ${words.unread}` : ''}:{' '}
            </span>
            {note.title}
          </span>
          <time className="note__time" dateTime={note.created_at} title={formatExact(at, language)}>
            {formatAgo(at, Math.max(at, now), language)}
          </time>
        </span>
        {note.message !== '' && <span className="note__message">{note.message}</span>}
        {note.url !== undefined && !isCompact && (
          <span className="note__link">
            <Icon name="outside" size={16} />
            <span className="note__url">{note.url}</span>
          </span>
        )}
      </span>
      <span className="note__dot" aria-hidden="true" title={isUnread ? words.unread : undefined} />
    </button>
  );
}
