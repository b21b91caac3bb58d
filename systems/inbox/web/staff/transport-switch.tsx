/** The operator's switch: which ways clients may connect, in the running server. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useCallback, useEffect, useState } from 'react';
import { type Answer, getTransports, putTransports, type TransportFacts } from '../api.ts';
import { useChannel } from '../live.ts';
import { words as inboxWords } from '../words.ts';
import { staffWords } from './staff-words.ts';

const CHOICES = [
  { name: 'everything', transports: ['ws', 'sse', 'poll'] },
  { name: 'streams', transports: ['sse'] },
  { name: 'polling', transports: ['poll'] },
] as const;

export function TransportSwitch(): ReactElement {
  const words = useWords(staffWords);
  const { facts, problem, choose } = useFacts();
  const current = facts?.transports.join() ?? '';
  const open = Object.entries(facts?.connections ?? {}).map(([label, count]) => {
    return `${count} ${label === 'inbox' ? words.contract : label}`;
  });
  return (
    <section className="card stack transports" aria-labelledby="transports">
      <h2 id="transports">{words.transports}</h2>
      <p className="muted small">{words.transportsHelp}</p>
      <fieldset className="choice transports__choice">
        <legend className="visually-hidden">{words.transports}</legend>
        {CHOICES.map(({ name, transports }) => (
          <button
            key={name}
            type="button"
            className="choice__option send__option"
            aria-pressed={current === transports.join()}
            onClick={() => choose(transports)}
          >
            {words[name]}
          </button>
        ))}
      </fieldset>
      <p className="muted small number" role="status">
        {facts === undefined ? '' : words.openNow(open.join(', ') || words.nothingOpen)}
      </p>
      {problem !== undefined && (
        <p className="notice notice--error" role="alert">
          {problem}
        </p>
      )}
    </section>
  );
}

function useFacts(): {
  readonly facts: TransportFacts | undefined;
  readonly problem: string | undefined;
  readonly choose: (transports: readonly string[]) => void;
} {
  const { noAnswer } = useWords(inboxWords);
  const [facts, setFacts] = useState<TransportFacts>();
  const [problem, setProblem] = useState<string>();
  // Who comes and goes changes the counters; so they say when to look.
  const at = useChannel('inbox-counters').value?.at;
  const take = useCallback(
    (answer: Answer<TransportFacts>) => {
      if (answer.ok) setFacts(answer.value);
      setProblem(answer.ok ? undefined : (answer.reason ?? noAnswer));
    },
    [noAnswer],
  );
  // biome-ignore lint/correctness/useExhaustiveDependencies: looked at again at every change
  useEffect(() => {
    void getTransports().then(take);
  }, [take, at]);
  return { facts, problem, choose: (transports) => void putTransports(transports).then(take) };
}
