/** Asks for a court's PIN and leads to it; says what is wrong with one that does not open anything. */
import { useWords } from '@fanfare/react';
import { type FormEvent, type ReactElement, useId, useState } from 'react';
import { lookUpPin, type PinOutcome } from '../api.ts';
import { navigate } from '../link.tsx';
import { words as dictionary, type ScoreWords } from '../words.ts';

export interface PinFormProps {
  /** What to say at once, where the address itself held a PIN that opens nothing. */
  readonly wrong?: { readonly pin: string; readonly outcome: PinOutcome };
  /** Where the PIN leads. @default the court's page */
  readonly view?: 'display' | 'umpire';
}

export function PinForm({ wrong, view }: PinFormProps): ReactElement {
  const words = useWords(dictionary);
  const ids = { field: useId(), help: useId() };
  const [pin, setPin] = useState('');
  const [problem, setProblem] = useState(wrong);
  const [busy, setBusy] = useState(false);

  const open = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    const asked = pin.trim();
    setBusy(true);
    const outcome: PinOutcome = asked === '' ? { kind: 'unknown' } : await lookUpPin(asked);
    setBusy(false);
    if (outcome.kind === 'found') navigate(`/court/${asked}${view === undefined ? '' : `/${view}`}`);
    else setProblem({ pin: asked, outcome });
  };

  return (
    <form className="pin-form" onSubmit={(event) => void open(event)} noValidate>
      <label htmlFor={ids.field}>{words.pin}</label>
      <div className="pin-form__row">
        <input
          id={ids.field}
          className="input"
          value={pin}
          onChange={(event) => setPin(event.target.value)}
          inputMode="numeric"
          autoComplete="off"
          maxLength={16}
          placeholder="1234"
          aria-invalid={problem !== undefined}
          aria-describedby={ids.help}
        />
        <button type="submit" className="button button--accent" disabled={busy}>
          {words.pinOpen}
        </button>
      </div>
      <p id={ids.help} className={problem === undefined ? 'muted small' : 'field-error'} role={problem && 'alert'}>
        {problem === undefined ? words.pinHelp : problemText(problem, words)}
      </p>
    </form>
  );
}

function problemText(problem: NonNullable<PinFormProps['wrong']>, words: ScoreWords): string {
  const { pin, outcome } = problem;
  if (pin === '') return words.pinEmpty;
  switch (outcome.kind) {
    case 'limited':
      return words.pinLimited(outcome.seconds);
    case 'unreachable':
      return words.unreachable;
    default:
      return words.pinUnknown(pin);
  }
}
