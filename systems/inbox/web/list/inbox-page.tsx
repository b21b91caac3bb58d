/** The inbox: everything that came, day by day, and what the user wants to be told. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { BreakIt } from '../parts/break-it.tsx';
import { Icon } from '../parts/icons.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { PreferencesForm } from '../preferences/preferences-form.tsx';
import { words as dictionary } from '../words.ts';
import { useInbox } from './inbox-context.ts';
import { NoteList } from './note-list.tsx';

type Filter = 'all' | 'unread';

export function InboxPage(): ReactElement {
  const words = useWords(dictionary);
  const [filter, setFilter] = useState<Filter>('all');
  useEffect(() => {
    document.title = words.inbox;
  }, [words]);
  return (
    <div className="page inbox">
      <a className="skip" href="#content">
        {words.skip}
      </a>
      <PageHeader current="inbox" />
      <div className="inbox__columns">
        <main id="content" tabIndex={-1} className="inbox__main">
          <Heading filter={filter} choose={setFilter} />
          <Problem />
          <Notes filter={filter} />
        </main>
        <aside className="inbox__aside">
          <PreferencesForm />
        </aside>
      </div>
      <BreakIt />
    </div>
  );
}

function Heading({
  filter,
  choose,
}: {
  readonly filter: Filter;
  readonly choose: (filter: Filter) => void;
}): ReactElement {
  const words = useWords(dictionary);
  const { unread, readEverything } = useInbox();
  return (
    <header className="inbox__head">
      <h1 aria-live="polite">{unread === 0 ? words.allRead : words.unreadCount(unread)}</h1>
      <div className="row">
        <fieldset className="choice">
          <legend className="visually-hidden">{words.show}</legend>
          {(['all', 'unread'] as const).map((one) => (
            <button
              key={one}
              type="button"
              className="choice__option inbox__filter"
              aria-pressed={filter === one}
              onClick={() => choose(one)}
            >
              {one === 'all' ? words.all : words.onlyUnread}
            </button>
          ))}
        </fieldset>
        <button type="button" className="button button--small" disabled={unread === 0} onClick={readEverything}>
          <Icon name="check" size={18} />
          {words.markAllRead}
        </button>
      </div>
    </header>
  );
}

function Problem(): ReactElement | null {
  const words = useWords(dictionary);
  const { problem, reload } = useInbox();
  if (problem === undefined) return null;
  return (
    <p className="notice notice--error" role="alert">
      <span className="inbox__problem">{problem === '' ? words.noAnswer : problem}</span>
      <button type="button" className="button button--small" onClick={reload}>
        {words.tryAgain}
      </button>
    </p>
  );
}

function Notes({ filter }: { readonly filter: Filter }): ReactElement {
  const words = useWords(dictionary);
  const { state } = useInbox();
  if (state.notes === undefined) return <Skeletons />;
  const shown = filter === 'all' ? state.notes : state.notes.filter(({ read_at: readAt }) => readAt === null);
  if (shown.length > 0 || (filter === 'unread' && state.next !== null)) return <NoteList notes={shown} />;
  const isNothingEver = filter === 'all' || state.notes.length === 0;
  return (
    <div className="empty">
      <Icon name="bell" size={32} />
      <h2>{isNothingEver ? words.emptyTitle : words.nothingUnread}</h2>
      <p>{isNothingEver ? words.emptyHelp : words.nothingUnreadHelp}</p>
    </div>
  );
}

function Skeletons(): ReactElement {
  return (
    <div className="list" aria-busy="true">
      {[0, 1, 2, 3].map((row) => (
        <span key={row} className="skeleton list__skeleton" />
      ))}
    </div>
  );
}
