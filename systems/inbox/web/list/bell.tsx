/** The bell of every page: how many are unread, and the newest of them on a click. */
import { CountBadge, useNow, useWords } from '@fanfare/react';
import { type KeyboardEvent, type ReactElement, useEffect, useRef, useState } from 'react';
import { Icon } from '../parts/icons.tsx';
import { words as dictionary } from '../words.ts';
import { useInbox } from './inbox-context.ts';
import { NoteRow } from './note-row.tsx';

const SHOWN = 5;
const AGO_EVERY_MS = 20_000;

export function Bell(): ReactElement {
  const words = useWords(dictionary);
  const { unread } = useInbox();
  const [isOpen, setOpen] = useState(false);
  const box = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useClickElsewhere(box, () => setOpen(false));
  const close = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || !isOpen) return;
    setOpen(false);
    button.current?.focus();
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: Escape closes what stands in it, wherever the focus is
    <div className="bell" ref={box} onKeyDown={close}>
      <button
        type="button"
        ref={button}
        className="button button--icon bell__button"
        aria-label={`${words.bell}: ${unread === 0 ? words.allRead : words.unreadCount(unread)}`}
        aria-expanded={isOpen}
        onClick={() => setOpen(!isOpen)}
      >
        <Icon name="bell" size={22} />
        <CountBadge count={unread} label={words.unreadOnes} corner />
      </button>
      {isOpen && <BellPanel />}
    </div>
  );
}

function BellPanel(): ReactElement {
  const words = useWords(dictionary);
  const { state, unread, readEverything } = useInbox();
  const now = useNow(AGO_EVERY_MS, true);
  const newest = (state.notes ?? []).slice(0, SHOWN);
  return (
    <section className="card bell__panel" aria-label={words.newest}>
      <header className="bell__head">
        <h2 className="label">{words.newest}</h2>
        <button type="button" className="button button--small" disabled={unread === 0} onClick={readEverything}>
          {words.markAllRead}
        </button>
      </header>
      {newest.length === 0 ? (
        <p className="muted small bell__empty">{words.emptyTitle}</p>
      ) : (
        <ul>
          {newest.map((note) => (
            <li key={note.id}>
              <NoteRow note={note} now={now} isCompact />
            </li>
          ))}
        </ul>
      )}
      <a className="bell__all" href="/inbox">
        {words.seeAll}
      </a>
    </section>
  );
}

function useClickElsewhere(box: { readonly current: HTMLElement | null }, leave: () => void): void {
  useEffect(() => {
    const look = (event: PointerEvent): void => {
      if (event.target instanceof Node && box.current?.contains(event.target) === false) leave();
    };
    document.addEventListener('pointerdown', look);
    return () => document.removeEventListener('pointerdown', look);
  });
}
