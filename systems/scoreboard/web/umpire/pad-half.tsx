/** Half of the phone: one side's points, and the button that gives it the next one. */
import { useWords } from '@fanfare/react';
import { gamesToWin, type Side, type Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement } from 'react';
import { GamePips } from '../board/score-card.tsx';
import { nameOf } from '../match-view.ts';
import { Icon } from '../parts/icons.tsx';
import { ScoreNumber } from '../parts/score-number.tsx';
import { SideName } from '../parts/side-name.tsx';
import { words as dictionary } from '../words.ts';
import { umpireWords } from './umpire-words.ts';

export interface PadHalfProps {
  readonly side: Side;
  readonly snapshot: Snapshot;
  /** False: a waiting tap has a result that only the server knows. */
  readonly sure: boolean;
  readonly mayScore: boolean;
  readonly score: (side: Side) => void;
}

export function PadHalf({ side, snapshot, sure, mayScore, score }: PadHalfProps): ReactElement {
  const words = useWords(dictionary);
  const { pointFor } = useWords(umpireWords);
  const name = nameOf(snapshot, side, words);
  const serves = snapshot.server === side && snapshot.matchStatus !== 'finished';
  return (
    <button
      type="button"
      className="pad__half"
      data-side={side === 0 ? 'a' : 'b'}
      data-serves={serves || undefined}
      data-unsure={!sure || undefined}
      aria-disabled={!mayScore}
      aria-label={`${pointFor(name)} (${snapshot.score[side]})`}
      aria-keyshortcuts={side === 0 ? 'A' : 'B'}
      onClick={() => score(side)}
    >
      <span className="pad__serve">{serves ? <Icon name="shuttle" size={24} /> : null}</span>
      <SideName name={name} className="pad__name" />
      <ScoreNumber value={snapshot.score[side]} className="pad__score" />
      <GamePips won={snapshot.games[side]} of={gamesToWin(snapshot.bestOf ?? 3)} />
      <span className="pad__key" aria-hidden="true">
        {side === 0 ? 'A' : 'B'}
      </span>
    </button>
  );
}
