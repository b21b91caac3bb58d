/** The address held a PIN that opens nothing: says so, and asks for another. */
import { useConnectionState, useWords } from '@fanfare/react';
import type { ReactElement } from 'react';
import type { PinOutcome } from '../api.ts';
import { Link } from '../link.tsx';
import { PageHeader } from '../parts/page-header.tsx';
import { PinForm } from '../parts/pin-form.tsx';
import { useTitle } from '../parts/use-title.ts';
import { words as dictionary } from '../words.ts';

export interface WrongPinProps {
  readonly pin: string;
  readonly outcome: PinOutcome;
  readonly view?: 'display' | 'umpire';
}

export function WrongPin({ pin, outcome, view }: WrongPinProps): ReactElement {
  const words = useWords(dictionary);
  const connection = useConnectionState();
  useTitle(words.pin);
  return (
    <>
      <PageHeader connection={connection} />
      <main className="centered">
        <h1>{words.pin}</h1>
        {/* Keyed: a wait that is over, or another wrong PIN, begins with its own message. */}
        <PinForm key={`${pin} ${outcome.kind}`} wrong={{ pin, outcome }} {...(view === undefined ? {} : { view })} />
        <Link href="/scoreboard">{words.toScoreboard}</Link>
      </main>
    </>
  );
}
