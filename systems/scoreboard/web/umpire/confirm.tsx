/** Questions before what is not a point: the next game, the end of the match, and a new one. */
import { useWords } from '@fanfare/react';
import type { Side, Snapshot } from '@fanfare-systems/scoreboard/rules';
import { type ReactElement, type ReactNode, useEffect, useId, useRef } from 'react';
import { nameOf, SIDES, scoreFor } from '../match-view.ts';
import { words as dictionary } from '../words.ts';
import { umpireWords } from './umpire-words.ts';

interface ConfirmNextGameProps {
  readonly snapshot: Snapshot;
  readonly close: () => void;
  readonly confirm: () => void;
}

export function ConfirmNextGame({ snapshot, close, confirm }: ConfirmNextGameProps): ReactElement {
  const words = useWords(dictionary);
  const own = useWords(umpireWords);
  const { score, server, gameNumber } = snapshot;
  return (
    <Question
      heading={own.confirmNext(gameNumber + 1)}
      help={own.confirmNextHelp(nameOf(snapshot, server, words), scoreFor(server, score))}
      close={close}
    >
      <Answer text={own.nextGame} act={confirm} close={close} accent />
    </Question>
  );
}

interface ConfirmEndProps {
  readonly snapshot: Snapshot;
  readonly close: () => void;
  readonly confirm: (side: Side) => void;
  readonly startOver: () => void;
}

/** A match ends by its last point; before that only because a side gives up. */
export function ConfirmEnd({ snapshot, close, confirm, startOver }: ConfirmEndProps): ReactElement {
  const words = useWords(dictionary);
  const own = useWords(umpireWords);
  return (
    <Question careful heading={own.confirmEnd} help={own.confirmEndHelp} close={close}>
      {SIDES.map((side) => (
        <Answer key={side} text={own.retires(nameOf(snapshot, side, words))} act={() => confirm(side)} close={close} />
      ))}
      {/* Leads to a question of its own: this one closes by giving way to it. */}
      <button type="button" className="button button--quiet" onClick={startOver}>
        {own.startOver}
      </button>
    </Question>
  );
}

interface ConfirmNewMatchProps {
  readonly snapshot: Snapshot;
  readonly close: () => void;
  readonly confirm: () => void;
}

/** The same sides from 0-0. Undo does not reach behind it. */
export function ConfirmNewMatch({ snapshot, close, confirm }: ConfirmNewMatchProps): ReactElement {
  const words = useWords(dictionary);
  const own = useWords(umpireWords);
  const [a, b] = [nameOf(snapshot, 0, words), nameOf(snapshot, 1, words)];
  return (
    <Question
      careful
      heading={own.confirmNewMatch}
      help={own.confirmNewMatchHelp(a, b, words.bestOf(snapshot.bestOf ?? 3))}
      close={close}
    >
      <Answer text={own.newMatch} act={confirm} close={close} />
    </Question>
  );
}

interface AnswerProps {
  readonly text: string;
  readonly act: () => void;
  readonly close: () => void;
  readonly accent?: boolean;
}

function Answer({ text, act, close, accent = false }: AnswerProps): ReactElement {
  const answer = (): void => {
    act();
    close();
  };
  return (
    <button type="button" className={accent ? 'button button--accent' : 'button'} onClick={answer}>
      {text}
    </button>
  );
}

interface QuestionProps {
  /** What follows is not lightly taken back: a stray Enter must cancel. */
  readonly careful?: boolean;
  readonly heading: string;
  readonly help: string;
  readonly close: () => void;
  readonly children: ReactNode;
}

/** The browser's own modal dialog: it holds the focus, and Escape cancels. */
function Question({ careful = false, heading, help, close, children }: QuestionProps): ReactElement {
  const { cancel } = useWords(umpireWords);
  const dialog = useRef<HTMLDialogElement>(null);
  const cancelButton = useRef<HTMLButtonElement>(null);
  const headingId = useId();
  useEffect(() => {
    dialog.current?.showModal();
    if (careful) cancelButton.current?.focus();
  }, [careful]);
  return (
    <dialog ref={dialog} className="question" aria-labelledby={headingId} onClose={close}>
      <h2 id={headingId}>{heading}</h2>
      <p className="muted">{help}</p>
      <div className="stack">
        {children}
        <button ref={cancelButton} type="button" className="button button--quiet" onClick={close}>
          {cancel}
        </button>
      </div>
    </dialog>
  );
}
