/** The events of `public:hello`, as they arrive. */
import { formatExact, useLanguage, useWords } from '@fanfare/react';
import { type ReactElement, useEffect, useState } from 'react';
import { sendHello } from './api.ts';
import { client } from './live.ts';
import { words } from './words.ts';

const SHOWN = 6;

interface Arrival {
  readonly id: number;
  readonly event: string;
  readonly json: string;
  readonly at: number;
}

export function Arrivals({ canSend }: { readonly canSend: boolean }): ReactElement {
  const say = useWords(words);
  const language = useLanguage();
  const { arrivals, lost } = useArrivals();
  const [problem, setProblem] = useState<string | undefined>();

  const send = async (): Promise<void> => {
    const answer = await sendHello(say.sendGreeting);
    setProblem(answer.ok ? undefined : say.sendFailed(answer.reason ?? say.offline));
  };

  return (
    <div className="arrivals card">
      <div className="command__head">
        <h3>{say.arrivals}</h3>
        <code className="muted">public:hello</code>
      </div>
      {lost && <p className="notice small">{say.lost}</p>}
      <div className="arrivals__log" role="log" aria-live="polite" aria-label={say.arrivals}>
        {arrivals.length === 0 && <p className="muted arrivals__empty">{say.arrivalsEmpty}</p>}
        <ol className="arrivals__list">
          {arrivals.map(({ id, event, json, at }) => (
            <li key={id} className="arrival">
              <code className="arrival__event">{event}</code>
              <code className="arrival__data">{json}</code>
              <time className="muted small" dateTime={new Date(at).toISOString()} title={formatExact(at, language)}>
                {clockTime(at)}
              </time>
            </li>
          ))}
        </ol>
      </div>
      {canSend ? (
        <button type="button" className="button button--accent" onClick={() => void send()}>
          {say.sendOne}
        </button>
      ) : (
        <p className="muted small arrivals__foot">{say.sendNeedsAdmin}</p>
      )}
      {problem !== undefined && (
        <p className="field-error" role="alert">
          {problem}
        </p>
      )}
    </div>
  );
}

/** Every event of the channel, whatever its name: the visitor makes the name up. */
function useArrivals(): { readonly arrivals: readonly Arrival[]; readonly lost: boolean } {
  const [arrivals, setArrivals] = useState<readonly Arrival[]>([]);
  const [lost, setLost] = useState(false);
  useEffect(() => {
    const handle = client.channel('public:hello');
    handle.onLost(() => setLost(true));
    const follow = async (): Promise<void> => {
      for await (const { event, data } of handle) {
        setArrivals((before) => {
          const id = (before[0]?.id ?? 0) + 1;
          return [{ id, event, json: JSON.stringify(data), at: Date.now() }, ...before].slice(0, SHOWN);
        });
      }
    };
    // The loop ends when the handle closes; what it cannot do, the connection badge says.
    follow().catch(() => setLost(true));
    return () => handle.close();
  }, []);
  return { arrivals, lost };
}

function clockTime(at: number): string {
  return new Date(at).toTimeString().slice(0, 8);
}
