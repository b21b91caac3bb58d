/** A text frame as it is typed: for those who want to see what the server says to one that is wrong. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useId, useState } from 'react';
import { store } from '../console/console-store.ts';
import { words } from '../words.ts';

const SAMPLE = '{"type":"dance"}';

export function RawFrame({ isUsable }: { readonly isUsable: boolean }): ReactElement {
  const say = useWords(words);
  const [text, setText] = useState(SAMPLE);
  const id = useId();
  return (
    <details className="raw">
      <summary>{say.raw}</summary>
      <label htmlFor={id} className="muted">
        {say.rawHelp}
      </label>
      <textarea
        id={id}
        className="input raw__text"
        rows={3}
        spellCheck={false}
        value={text}
        onChange={({ target }) => setText(target.value)}
      />
      <button
        type="button"
        className="button button--small"
        disabled={!isUsable}
        onClick={() => store.lead?.sendRaw(text)}
      >
        {say.sendRaw}
      </button>
    </details>
  );
}
