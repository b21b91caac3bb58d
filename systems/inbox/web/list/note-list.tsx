/** The whole list, day by day; more comes as the reader goes down. Arrow keys go from one to the next. */
import { useLanguage, useNow, useWords } from '@fanfare/react';
import type { Note } from '@fanfare-systems/inbox/rules';
import { type ReactElement, useEffect, useRef, useState } from 'react';
import { words as dictionary, type InboxWords } from '../words.ts';
import { daysBetween, groupByDay } from './day-groups.ts';
import { useInbox } from './inbox-context.ts';
import { NoteRow } from './note-row.tsx';
import { useListKeys } from './use-list-keys.ts';

/** How long ago each came is told anew so often. */
const AGO_EVERY_MS = 20_000;

export function NoteList({ notes }: { readonly notes: readonly Note[] }): ReactElement {
  const words = useWords(dictionary);
  const language = useLanguage();
  const now = useNow(AGO_EVERY_MS, true);
  const list = useRef<HTMLDivElement>(null);
  const { reachable, onKeyDown, onFocus } = useListKeys(list, notes);
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: the keys go from one button in it to the next
    <div ref={list} className="list" onKeyDown={onKeyDown} onFocus={onFocus}>
      {groupByDay(notes).map(({ day, notes: ofDay }) => (
        <section key={day} aria-labelledby={`day-${day}`}>
          <h2 id={`day-${day}`} className="list__day">
            {nameOfDay(day, now, { words, language })}
          </h2>
          <ul className="card list__notes">
            {ofDay.map((note) => (
              <li key={note.id}>
                <NoteRow note={note} now={now} isReachable={note.id === reachable} />
              </li>
            ))}
          </ul>
        </section>
      ))}
      <More />
    </div>
  );
}

/** Asks for what is older when its place comes near; a button where the browser cannot tell, or the request failed. */
function More(): ReactElement | null {
  const words = useWords(dictionary);
  const { state, loadMore } = useInbox();
  const place = useRef<HTMLDivElement>(null);
  const [isLoading, setLoading] = useState(false);
  const { next } = state;
  useEffect(() => {
    const element = place.current;
    if (element === null || next === null) return;
    const watch = new IntersectionObserver(
      ([entry]) => {
        if (entry?.isIntersecting !== true) return;
        setLoading(true);
        void loadMore().finally(() => setLoading(false));
      },
      { rootMargin: '400px' },
    );
    watch.observe(element);
    return () => watch.disconnect();
    // Anew for every page: one that is short leaves the place in sight.
  }, [next, loadMore]);
  if (next === null) return <p className="muted small list__end">{words.end}</p>;
  return (
    <div ref={place} className="list__more" aria-busy={isLoading}>
      <span className="skeleton list__skeleton" />
      <button type="button" className="button button--small" onClick={() => void loadMore()}>
        {words.more}
      </button>
    </div>
  );
}

function nameOfDay(
  day: number,
  now: number,
  { words, language }: { readonly words: InboxWords; readonly language: 'en' | 'vi' },
): string {
  const ago = daysBetween(day, now);
  if (ago === 0) return words.today;
  if (ago === 1) return words.yesterday;
  const locale = language === 'vi' ? 'vi-VN' : 'en-GB';
  const isFar = ago > 300;
  return new Intl.DateTimeFormat(locale, {
    ...{ weekday: 'long', day: 'numeric', month: 'long' },
    ...(isFar ? { year: 'numeric' } : {}),
  }).format(day);
}
