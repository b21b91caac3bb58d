/** Copies a text and says so, where everybody notices: on the button and to a screen reader. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { words } from './words.ts';

const SHOWN_MS = 2000;

export function CopyButton({ text, label }: { readonly text: string; readonly label: string }): ReactElement {
  const say = useWords(words);
  const [outcome, setOutcome] = useState<'copied' | 'failed' | undefined>();

  useEffect(() => {
    if (outcome === undefined) return;
    const timer = setTimeout(() => setOutcome(undefined), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [outcome]);

  const copy = (): void => {
    // Absent on plain http other than localhost: the text stays selectable.
    const written = navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'));
    written.then(
      () => setOutcome('copied'),
      () => setOutcome('failed'),
    );
  };

  return (
    <>
      <button type="button" className="button button--small copy" onClick={copy} aria-label={`${say.copy}: ${label}`}>
        {outcome === undefined ? say.copy : outcome === 'copied' ? say.copied : say.copyFailed}
      </button>
      <span className="visually-hidden" role="status">
        {outcome === 'copied' && say.copied}
        {outcome === 'failed' && say.copyFailed}
      </span>
    </>
  );
}
