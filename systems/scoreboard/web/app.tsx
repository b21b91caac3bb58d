/** The scoreboard's pages, by address. */
import { useConnectionState, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { BoardsPage } from './board/boards-page.tsx';
import { CourtPage } from './board/court-page.tsx';
import { DisplayPage } from './display/display-page.tsx';
import { Link, usePathname } from './link.tsx';
import { PageHeader } from './parts/page-header.tsx';
import { useTitle } from './parts/use-title.ts';
import { routeOf } from './route.ts';
import { UmpirePage } from './umpire/umpire-page.tsx';
import { words as dictionary } from './words.ts';

export function App(): ReactElement {
  const route = routeOf(usePathname());
  // Keyed by the PIN: another court is another page, with nothing left of the last one.
  switch (route.page) {
    case 'boards':
      return <BoardsPage />;
    case 'court':
      return <CourtPage key={route.pin} pin={route.pin} />;
    case 'display':
      return <DisplayPage key={route.pin} pin={route.pin} />;
    case 'umpire':
      return <UmpirePage key={route.pin} pin={route.pin} />;
    case 'unknown':
      return <UnknownPage />;
  }
}

function UnknownPage(): ReactElement {
  const words = useWords(dictionary);
  const connection = useConnectionState();
  useTitle(words.notFound);
  return (
    <>
      <PageHeader connection={connection} />
      <main className="centered">
        <h1>{words.notFound}</h1>
        <p className="muted">{words.notFoundHelp}</p>
        <Link href="/scoreboard" className="button">
          {words.toScoreboard}
        </Link>
      </main>
    </>
  );
}
