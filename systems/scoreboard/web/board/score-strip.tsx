/** A match as two lines of a list: one court among many. */
import { useWords } from '@fanfare/react';
import { otherSide, type Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement, ReactNode } from 'react';
import { earlierGames, momentOf, nameOf, SIDES, toneOf } from '../match-view.ts';
import { Icon } from '../parts/icons.tsx';
import { ScoreNumber } from '../parts/score-number.tsx';
import { words as dictionary } from '../words.ts';

export interface ScoreStripProps {
  readonly title: ReactNode;
  readonly snapshot: Snapshot | undefined;
}

export function ScoreStrip({ title, snapshot }: ScoreStripProps): ReactElement {
  const words = useWords(dictionary);
  return (
    <article className="card strip" aria-busy={snapshot === undefined}>
      <header className="strip__head">
        <h3 className="strip__title">{title}</h3>
        {snapshot === undefined ? (
          <span className="skeleton strip__moment" />
        ) : (
          <span className="moment small" data-tone={toneOf(snapshot)}>
            {momentOf(snapshot, words)}
          </span>
        )}
      </header>
      {SIDES.map((side) => (
        <div key={side} className="strip__side" data-won={snapshot?.winner === side || undefined}>
          <span className="strip__serve">
            {snapshot?.server === side && snapshot.matchStatus !== 'finished' ? (
              <Icon name="shuttle" size={16} />
            ) : null}
          </span>
          <span className="strip__name">
            {snapshot === undefined ? <span className="skeleton" /> : nameOf(snapshot, side, words)}
          </span>
          {earlierGames(snapshot).map((game, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: a finished game is known by its number
            <span key={index} className="strip__game number" data-won={game[side] > game[otherSide(side)] || undefined}>
              {game[side]}
            </span>
          ))}
          {snapshot === undefined ? (
            <span className="skeleton strip__score" />
          ) : (
            <ScoreNumber value={snapshot.score[side]} className="strip__score" />
          )}
        </div>
      ))}
    </article>
  );
}
