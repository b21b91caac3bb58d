/** The line above the halves: the game, or what the umpire must announce or do now. */
import { useWords } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement } from 'react';
import { FinishedGames } from '../board/score-card.tsx';
import { atStake, earlierGames, nameOf, scoreFor, sidesAtCourt } from '../match-view.ts';
import { words as dictionary, type ScoreWords } from '../words.ts';
import type { Acts, Commands } from './commands.ts';
import { type UmpireWords, umpireWords } from './umpire-words.ts';

export interface PadMomentProps {
  readonly snapshot: Snapshot;
  readonly may: Commands;
  readonly act: Acts;
}

export function PadMoment({ snapshot, may, act }: PadMomentProps): ReactElement {
  const words = useWords(dictionary);
  const own = useWords(umpireWords);
  const calls = callOf(snapshot, words, own);
  return (
    <div className="pad__moment" data-calls={calls !== undefined || undefined}>
      <p className="pad__call">
        {calls ?? `${words.game(snapshot.gameNumber)} · ${words.bestOf(snapshot.bestOf ?? 3)}`}
      </p>
      {may.start ? <Do text={own.start} act={act.start} /> : null}
      {may.resume ? <Do text={own.resume} act={act.pauseOrResume} /> : null}
      {may.nextGame ? <Do text={own.nextGame} act={act.askNextGame} /> : null}
      {may.newMatch ? <Do text={own.newMatch} act={act.askNewMatch} /> : null}
      {calls !== undefined || may.start ? null : (
        <FinishedGames snapshot={{ ...snapshot, gameScores: earlierGames(snapshot) }} order={sidesAtCourt(snapshot)} />
      )}
    </div>
  );
}

function Do({ text, act }: { readonly text: string; readonly act: () => void }): ReactElement {
  return (
    <button type="button" className="button button--accent" onClick={act}>
      {text}
    </button>
  );
}

function callOf(snapshot: Snapshot, words: ScoreWords, own: UmpireWords): string | undefined {
  const { matchStatus, winner, gameOver, notice, score, server } = snapshot;
  if (matchStatus === 'finished') return own.matchOverHint(nameOf(snapshot, winner ?? server, words));
  if (gameOver === true) return own.gameOverHint(nameOf(snapshot, server, words), scoreFor(server, score));
  if (matchStatus === 'paused') return own.pausedHint;
  if (notice === 'interval') return own.interval;
  if (notice === 'change-ends') return own.changeEnds;
  const stake = atStake(snapshot);
  if (stake === undefined) return undefined;
  return `${stake.what === 'match' ? words.matchPoint : words.gamePoint}: ${nameOf(snapshot, stake.side, words)}`;
}
