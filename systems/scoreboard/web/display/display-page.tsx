/** `/court/{pin}/display`: the screen beside the court. Black, and as large as it gets. */
import { ConnectionBadge, useWords } from '@fanfare/react';
import { otherSide, type Side, type Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement } from 'react';
import { FinishedGames } from '../board/score-card.tsx';
import { WrongPin } from '../board/wrong-pin.tsx';
import { client } from '../live.ts';
import { atStake, momentOf, nameOf, SIDES, sidesAtCourt, spokenScore } from '../match-view.ts';
import { Announcer } from '../parts/announcer.tsx';
import { Icon } from '../parts/icons.tsx';
import { ScoreNumber } from '../parts/score-number.tsx';
import { SideName } from '../parts/side-name.tsx';
import { useTitle } from '../parts/use-title.ts';
import { useWakeLock } from '../parts/use-wake-lock.ts';
import { useCourt } from '../use-court.ts';
import { words as dictionary } from '../words.ts';
import { useFullScreen } from './use-full-screen.ts';
import { useStillness } from './use-stillness.ts';

export function DisplayPage({ pin }: { readonly pin: string }): ReactElement {
  const words = useWords(dictionary);
  const court = useCourt(pin);
  const fullScreen = useFullScreen();
  const still = useStillness(4000);
  useWakeLock();
  const { snapshot, connection } = court;
  const name = court.pin?.kind === 'found' ? court.pin.courtName : `${words.court} ${pin}`;
  useTitle(snapshot === undefined ? name : `${snapshot.score[0]}–${snapshot.score[1]} · ${name}`);
  if (court.pin?.kind === 'unknown' || court.pin?.kind === 'limited') {
    return <WrongPin pin={pin} outcome={court.pin} view="display" />;
  }
  const order = snapshot === undefined ? SIDES : sidesAtCourt(snapshot);
  return (
    <main className="display" data-still={still || undefined} aria-busy={snapshot === undefined}>
      <header className="display__top">
        <h1 className="display__court">{name}</h1>
        {snapshot === undefined ? null : <Moment snapshot={snapshot} />}
        <div className="display__tools">
          <ConnectionBadge connection={connection} onRetry={() => client.reconnect()} />
          {fullScreen.possible ? (
            <button type="button" className="button button--small" onClick={fullScreen.toggle}>
              <Icon name={fullScreen.on ? 'shrink' : 'expand'} size={18} />
              <span className="top__word">{fullScreen.on ? words.leaveFullScreen : words.fullScreen}</span>
            </button>
          ) : null}
        </div>
      </header>
      {snapshot === undefined ? (
        <p className="display__message" role="status">
          {court.pin?.kind === 'unreachable' ? words.unreachable : court.empty ? words.inactiveHelp : words.loading}
        </p>
      ) : (
        <>
          <div className="display__sides">
            {order.map((side) => (
              <DisplaySide key={side} side={side} snapshot={snapshot} />
            ))}
          </div>
          <footer className="display__foot">
            <GamesWon snapshot={snapshot} side={order[0]} />
            <FinishedGames snapshot={snapshot} order={order} />
            <GamesWon snapshot={snapshot} side={order[1]} />
          </footer>
          <Announcer sentence={spokenScore(snapshot, words)} />
        </>
      )}
    </main>
  );
}

function Moment({ snapshot }: { readonly snapshot: Snapshot }): ReactElement {
  const words = useWords(dictionary);
  const quiet = snapshot.matchStatus === 'live' && snapshot.notice === undefined;
  const tone = atStake(snapshot) === undefined ? (quiet ? 'quiet' : 'news') : 'stake';
  // "Live" would say nothing at the court itself: the game's number does.
  const text = tone === 'quiet' ? words.game(snapshot.gameNumber) : momentOf(snapshot, words);
  return (
    <p className="display__moment" data-tone={tone}>
      {text}
    </p>
  );
}

function GamesWon({ side, snapshot }: SideProps): ReactElement {
  const words = useWords(dictionary);
  return (
    <p className="display__games">
      <span>{words.games}</span>
      <ScoreNumber value={snapshot.games[side]} />
    </p>
  );
}

interface SideProps {
  readonly side: Side;
  readonly snapshot: Snapshot;
}

function DisplaySide({ side, snapshot }: SideProps): ReactElement {
  const words = useWords(dictionary);
  const finished = snapshot.matchStatus === 'finished';
  const serves = snapshot.server === side && !finished;
  const name = nameOf(snapshot, side, words);
  return (
    <section
      className="display__side"
      aria-label={name}
      data-serves={serves || snapshot.winner === side || undefined}
      data-lost={snapshot.winner === otherSide(side) || undefined}
    >
      <SideName name={name} className="display__name" />
      <div className="display__stage">
        <ScoreNumber value={snapshot.score[side]} className="display__score" />
        {serves ? (
          <span className="display__serve">
            <Icon name="shuttle" />
            <span className="visually-hidden">{words.serves}</span>
          </span>
        ) : null}
      </div>
    </section>
  );
}
