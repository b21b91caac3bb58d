/** `/scoreboard`: the main board, every court of the hall, and the way to a court by its PIN. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState, useSyncExternalStore } from 'react';
import { client } from '../live.ts';
import { spokenScore } from '../match-view.ts';
import { Announcer } from '../parts/announcer.tsx';
import { BreakIt } from '../parts/break-it.tsx';
import { Icon } from '../parts/icons.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { PinForm } from '../parts/pin-form.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useBoard } from '../use-board.ts';
import { words as dictionary } from '../words.ts';
import { type CourtLine, CourtsFeed } from './courts-feed.ts';
import { NoMatch } from './no-match.tsx';
import { readCourts } from './read-courts.ts';
import { ScoreCard } from './score-card.tsx';
import { ScoreStrip } from './score-strip.tsx';

const POLL_EVERY_MS = 3000;

export function BoardsPage(): ReactElement {
  const words = useWords(dictionary);
  const { snapshot, connection, empty } = useBoard({ channel: 'board:main', path: '/api/scoreboard' });
  const courts = useCourts(connection.status === 'polling');
  useTitle(
    snapshot === undefined ? words.scoreboard : `${snapshot.score[0]}–${snapshot.score[1]} · ${words.mainBoard}`,
  );
  return (
    <>
      <PageHeader connection={connection} />
      <main className="page">
        <h1 className="visually-hidden">{words.scoreboard}</h1>
        {empty ? <NoMatch title={words.mainBoard} /> : <ScoreCard title={words.mainBoard} snapshot={snapshot} />}
        {snapshot === undefined ? null : <Announcer sentence={spokenScore(snapshot, words)} />}
        <section className="section">
          <h2>{words.courts}</h2>
          <Courts courts={courts} />
        </section>
        <section className="section">
          <PinForm />
        </section>
      </main>
      <BreakIt />
    </>
  );
}

function Courts({ courts }: { readonly courts: readonly CourtLine[] | undefined }): ReactElement {
  const words = useWords(dictionary);
  if (courts?.length === 0) {
    return (
      <div className="empty">
        <Icon name="shuttle" size={32} />
        <h2>{words.noCourts}</h2>
        <p>{words.noCourtsHelp}</p>
      </div>
    );
  }
  return (
    <div className="strips">
      {courts === undefined
        ? ['first', 'second'].map((place) => (
            <ScoreStrip key={place} title={<span className="skeleton strip__moment" />} snapshot={undefined} />
          ))
        : courts.map((court) => <CourtStrip key={court.courtId} court={court} />)}
    </div>
  );
}

function CourtStrip({ court }: { readonly court: CourtLine }): ReactElement {
  return <ScoreStrip title={court.name} snapshot={court.snapshot} />;
}

/** `polling`: no stream tells of changes, so the list is read every few seconds. */
function useCourts(polling: boolean): readonly CourtLine[] | undefined {
  const [feed] = useState(() => new CourtsFeed({ client, read: readCourts }));
  useEffect(() => {
    if (!polling) return;
    const timer = setInterval(() => void feed.refresh(), POLL_EVERY_MS);
    return () => clearInterval(timer);
  }, [feed, polling]);
  return useSyncExternalStore(feed.subscribe, feed.current);
}
