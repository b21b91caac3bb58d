/** What the thumb works on: two halves that score, undo with what it takes back, and the few other actions of a match. */
import { useWords } from '@fanfare/react';
import type { Snapshot } from '@fanfare-systems/scoreboard/rules';
import { type ReactElement, useState } from 'react';
import { sidesAtCourt } from '../match-view.ts';
import { words as dictionary } from '../words.ts';
import { type Asking, actsOf, commandsOf } from './commands.ts';
import { ConfirmEnd, ConfirmNewMatch, ConfirmNextGame } from './confirm.tsx';
import { Controls } from './controls.tsx';
import { PadHalf } from './pad-half.tsx';
import { PadMoment } from './pad-moment.tsx';
import { PadStatus } from './pad-status.tsx';
import { outlook, type TapQueue } from './tap-queue.ts';
import type { TapSender } from './tap-sender.ts';
import { useKeys } from './use-keys.ts';

export interface ScorePadProps {
  readonly sender: TapSender;
  readonly queue: TapQueue;
  /** The server has not answered at all yet. */
  readonly away: boolean;
  /** This device has no network. */
  readonly offline: boolean;
}

export function ScorePad({ sender, queue, away, offline }: ScorePadProps): ReactElement {
  const words = useWords(dictionary);
  const [asking, setAsking] = useState<Asking>('nothing');
  const { snapshot, sure } = outlook(queue);
  // Until the truth is here a tap would not know its match.
  const ready = queue.truth === undefined ? undefined : snapshot;
  const may = commandsOf(ready);
  const act = actsOf(sender, may, setAsking);
  useKeys(ready === undefined || asking !== 'nothing' ? undefined : { ...act, sides: sidesAtCourt(ready) });

  if (snapshot === undefined) return <EmptyPad message={away ? words.unreachable : words.loading} />;
  return (
    <main className="pad">
      <PadMoment snapshot={snapshot} may={may} act={act} />
      <div className="pad__halves">
        {sidesAtCourt(snapshot).map((side) => (
          <PadHalf key={side} side={side} snapshot={snapshot} sure={sure} mayScore={may.point} score={act.point} />
        ))}
      </div>
      <PadStatus queue={queue} offline={offline} dismiss={() => sender.dispatch({ kind: 'dismissed' })} />
      <Controls snapshot={snapshot} may={may} act={act} />
      <Confirm asking={asking} ask={setAsking} snapshot={snapshot} sender={sender} />
    </main>
  );
}

interface ConfirmProps {
  readonly asking: Asking;
  readonly ask: (asking: Asking) => void;
  readonly snapshot: Snapshot;
  readonly sender: TapSender;
}

function Confirm({ asking, ask, snapshot, sender }: ConfirmProps): ReactElement | null {
  const common = { snapshot, close: () => ask('nothing') };
  switch (asking) {
    case 'nothing':
      return null;
    case 'next-game':
      return <ConfirmNextGame {...common} confirm={() => sender.tap('nextGame')} />;
    case 'end':
      return (
        <ConfirmEnd {...common} confirm={(side) => sender.tap('retire', side)} startOver={() => ask('new-match')} />
      );
    case 'new-match':
      return <ConfirmNewMatch {...common} confirm={() => sender.tap('reset')} />;
  }
}

function EmptyPad({ message }: { readonly message: string }): ReactElement {
  return (
    <main className="pad" aria-busy="true">
      <p className="pad__moment muted" role="status">
        {message}
      </p>
      <div className="pad__halves">
        <span className="skeleton pad__half" />
        <span className="skeleton pad__half" />
      </div>
    </main>
  );
}
