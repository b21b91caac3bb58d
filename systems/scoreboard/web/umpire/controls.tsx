/** Below the halves, within reach of the thumb: undo with what it takes back, swap, pause, next game, end or new match. */
import { useWords } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import type { ReactElement } from 'react';
import { nameOf } from '../match-view.ts';
import { Icon, type IconName } from '../parts/icons.tsx';
import { words as dictionary, type ScoreWords } from '../words.ts';
import type { Acts, Commands } from './commands.ts';
import { type UmpireWords, umpireWords } from './umpire-words.ts';

export interface ControlsProps {
  readonly snapshot: Snapshot;
  readonly may: Commands;
  readonly act: Acts;
}

export function Controls({ snapshot, may, act }: ControlsProps): ReactElement {
  const words = useWords(dictionary);
  const own = useWords(umpireWords);
  const paused = snapshot.matchStatus === 'paused';
  return (
    <div className="controls">
      <button
        type="button"
        className="button controls__undo"
        aria-disabled={!may.undo}
        aria-keyshortcuts="U"
        onClick={act.undo}
      >
        <Icon name="undo" size={22} />
        <span className="controls__text">{undoText(snapshot, words, own)}</span>
      </button>
      <div className="controls__row">
        <Control icon="swap" text={own.swap} keys="S" enabled={may.swap} act={act.swap} />
        <Control
          icon={paused ? 'play' : 'pause'}
          text={paused ? own.resume : own.pause}
          keys="P"
          enabled={may.pause || may.resume}
          act={act.pauseOrResume}
        />
        <Control icon="next" text={own.nextGame} keys="N" enabled={may.nextGame} act={act.askNextGame} />
        {may.newMatch ? (
          <Control icon="again" text={own.newMatch} enabled act={act.askNewMatch} />
        ) : (
          <Control icon="flag" text={own.end} enabled={may.end} act={act.askEnd} />
        )}
      </div>
      <p className="controls__keys muted small">{own.keys}</p>
    </div>
  );
}

interface ControlProps {
  readonly icon: IconName;
  readonly text: string;
  readonly keys?: string;
  readonly enabled: boolean;
  readonly act: () => void;
}

function Control({ icon, text, keys, enabled, act }: ControlProps): ReactElement {
  return (
    <button type="button" className="button control" aria-disabled={!enabled} aria-keyshortcuts={keys} onClick={act}>
      <Icon name={icon} size={22} />
      <span className="control__text">{text}</span>
    </button>
  );
}

function undoText({ undoLabel, ...snapshot }: Snapshot, words: ScoreWords, own: UmpireWords): string {
  switch (undoLabel) {
    case undefined:
      return own.undoNothing;
    case 'pointA':
      return own.undoes.pointA(nameOf(snapshot, 0, words));
    case 'pointB':
      return own.undoes.pointB(nameOf(snapshot, 1, words));
    case 'nextGame':
    case 'swap':
    case 'retire':
      return own.undoes[undoLabel];
    default:
      return own.undo;
  }
}
