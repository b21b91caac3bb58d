/** A whole match at a glance: names, giant digits, games won, finished games. The score is the page. */
import { useWords } from '@fanfare/react';
import type { Side, Snapshot } from '@fanfare-systems/scoreboard/rules';
import { gamesToWin } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement, ReactNode } from 'react';
import { momentOf, nameOf, SIDES, toneOf } from '../match-view.ts';
import { Icon } from '../parts/icons.tsx';
import { ScoreNumber } from '../parts/score-number.tsx';
import { SideName } from '../parts/side-name.tsx';
import { words as dictionary } from '../words.ts';

export interface ScoreCardProps {
  readonly title: string;
  /** undefined: not here yet; its place is kept. */
  readonly snapshot: Snapshot | undefined;
  /** Links that belong to this match. */
  readonly children?: ReactNode;
}

export function ScoreCard({ title, snapshot, children }: ScoreCardProps): ReactElement {
  const words = useWords(dictionary);
  return (
    <article className="card match" aria-busy={snapshot === undefined}>
      <header className="match__head">
        <h2 className="match__title">{title}</h2>
        {snapshot === undefined ? <span className="skeleton match__facts" /> : <MatchFacts snapshot={snapshot} />}
      </header>
      <div className="match__sides">
        {SIDES.map((side) =>
          snapshot === undefined ? (
            <SideSkeleton key={side} />
          ) : (
            <MatchSide key={side} side={side} snapshot={snapshot} />
          ),
        )}
      </div>
      <footer className="match__foot">
        {snapshot === undefined ? (
          <span className="skeleton match__facts">
            <span className="visually-hidden">{words.loading}</span>
          </span>
        ) : (
          <FinishedGames snapshot={snapshot} />
        )}
        {children}
      </footer>
    </article>
  );
}

function MatchFacts({ snapshot }: { readonly snapshot: Snapshot }): ReactElement {
  const words = useWords(dictionary);
  const { gameNumber, bestOf = 3 } = snapshot;
  return (
    <p className="match__facts">
      <span className="moment" data-tone={toneOf(snapshot)}>
        {momentOf(snapshot, words)}
      </span>
      <span className="muted">
        {words.game(gameNumber)} · {words.bestOf(bestOf)}
      </span>
    </p>
  );
}

function MatchSide({ side, snapshot }: { readonly side: Side; readonly snapshot: Snapshot }): ReactElement {
  const words = useWords(dictionary);
  const serves = snapshot.server === side && snapshot.matchStatus !== 'finished';
  const name = nameOf(snapshot, side, words);
  return (
    <section
      className="side"
      aria-label={name}
      data-serves={serves || undefined}
      data-won={snapshot.winner === side || undefined}
    >
      <SideName name={name} className="side__name" />
      <ScoreNumber value={snapshot.score[side]} className="side__score" />
      <p className="side__marks">
        <GamePips won={snapshot.games[side]} of={gamesToWin(snapshot.bestOf ?? 3)} />
        <span className="side__serve" aria-hidden={!serves}>
          <Icon name="shuttle" size={22} />
          {serves ? <span className="visually-hidden">{words.serves}</span> : null}
        </span>
      </p>
    </section>
  );
}

/** Games won as filled squares, out of those that win the match. */
export function GamePips({ won, of }: { readonly won: number; readonly of: number }): ReactElement {
  const words = useWords(dictionary);
  return (
    <span className="pips" role="img" aria-label={words.gamesWon(won)}>
      {Array.from({ length: of }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the pips are their places, they have no other identity
        <i key={index} className="pip" data-won={index < won || undefined} />
      ))}
    </span>
  );
}

export interface FinishedGamesProps {
  readonly snapshot: Snapshot;
  /** The sides in the order in which the page shows them. @default side A first */
  readonly order?: readonly [Side, Side];
}

/** `21–19  18–21`; keeps its line when there is none yet. */
export function FinishedGames({ snapshot, order = SIDES }: FinishedGamesProps): ReactElement {
  const words = useWords(dictionary);
  const scores = snapshot.gameScores ?? [];
  return (
    <ol className="finished" aria-label={words.gameScores}>
      {scores.map((points, index) => {
        const [first, second] = [points[order[0]], points[order[1]]];
        return (
          // biome-ignore lint/suspicious/noArrayIndexKey: a finished game is known by its number
          <li key={index} className="finished__game">
            <span data-won={first > second || undefined}>{first}</span>–
            <span data-won={second > first || undefined}>{second}</span>
          </li>
        );
      })}
    </ol>
  );
}

function SideSkeleton(): ReactElement {
  return (
    <div className="side" aria-hidden="true">
      <span className="skeleton side__name" />
      <span className="skeleton side__score side__score--empty" />
      <span className="side__marks" />
    </div>
  );
}
