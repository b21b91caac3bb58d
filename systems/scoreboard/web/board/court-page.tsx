/** `/court/{pin}`: one court for whoever sits beside it. */
import { useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import { Link } from '../link.tsx';
import { spokenScore } from '../match-view.ts';
import { Announcer } from '../parts/announcer.tsx';
import { BreakIt } from '../parts/break-it.tsx';
import { Icon } from '../parts/icons.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useCourt } from '../use-court.ts';
import { words as dictionary } from '../words.ts';
import { ScoreCard } from './score-card.tsx';
import { WrongPin } from './wrong-pin.tsx';

export function CourtPage({ pin }: { readonly pin: string }): ReactElement {
  const words = useWords(dictionary);
  const court = useCourt(pin);
  const { snapshot, connection } = court;
  const name = court.pin?.kind === 'found' ? court.pin.courtName : `${words.court} ${pin}`;
  useTitle(snapshot === undefined ? name : `${snapshot.score[0]}–${snapshot.score[1]} · ${name}`);
  if (court.pin?.kind === 'unknown' || court.pin?.kind === 'limited') return <WrongPin pin={pin} outcome={court.pin} />;
  return (
    <>
      <PageHeader connection={connection} />
      <main className="page court-page">
        <h1 className="visually-hidden">{name}</h1>
        {court.pin?.kind === 'unreachable' ? (
          <p className="notice" role="status">
            <Icon name="warning" />
            {words.unreachable}
          </p>
        ) : null}
        <ScoreCard title={name} snapshot={snapshot}>
          <nav className="row">
            <Link className="button button--small" href={`/court/${pin}/display`}>
              <Icon name="screen" />
              {words.openDisplay}
            </Link>
            <Link className="button button--small" href={`/court/${pin}/umpire`}>
              <Icon name="phone" />
              {words.openUmpire}
            </Link>
          </nav>
        </ScoreCard>
        {snapshot === undefined ? null : <Announcer sentence={spokenScore(snapshot, words)} />}
      </main>
      <BreakIt />
    </>
  );
}
