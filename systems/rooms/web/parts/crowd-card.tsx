/** Many clients at once: each is a dot that lights up when a message reaches it. */
import { useWords } from '@fanfare/react';
import { type ReactElement, type SyntheticEvent, useId, useState } from 'react';
import type { ClientFacts } from '../console/console-client.ts';
import { MAX_CROWD, store } from '../console/console-store.ts';
import { PROTOCOLS, type Protocol } from '../console/wire.ts';
import { words } from '../words.ts';
import { Card } from './card.tsx';

export interface CrowdCardProps {
  readonly crowd: readonly ClientFacts[];
  readonly heard: number;
  readonly room: string;
}

const MANY = 25;

export function CrowdCard({ crowd, heard, room }: CrowdCardProps): ReactElement {
  const say = useWords(words);
  const [count, setCount] = useState(String(MANY));
  const [protocol, setProtocol] = useState<Protocol>('websocket');
  const ids = { count: useId(), protocol: useId() };
  const connected = crowd.filter(({ status }) => status === 'open').length;
  const gather = (event: SyntheticEvent): void => {
    event.preventDefault();
    store.gather(protocol, { count: Number(count), room });
  };
  return (
    <Card icon="crowd" name="crowd" title={say.crowd}>
      <p className="muted small">{say.crowdLead}</p>
      <form className="crowd__form" onSubmit={gather}>
        <div className="field">
          <label htmlFor={ids.count}>{say.howMany}</label>
          <input
            id={ids.count}
            className="input number"
            type="number"
            inputMode="numeric"
            min={1}
            max={MAX_CROWD}
            required
            value={count}
            onChange={({ target }) => setCount(target.value)}
          />
        </div>
        <div className="field">
          <label htmlFor={ids.protocol}>{say.protocol}</label>
          <select
            id={ids.protocol}
            className="input"
            value={protocol}
            onChange={({ target }) => setProtocol(PROTOCOLS.find((each) => each === target.value) ?? 'websocket')}
          >
            {PROTOCOLS.map((each) => (
              <option key={each} value={each}>
                {say.protocols[each]}
              </option>
            ))}
          </select>
        </div>
        <button type="submit" className="button" disabled={crowd.length >= MAX_CROWD}>
          {say.open}
        </button>
        <button type="button" className="button" disabled={crowd.length === 0} onClick={() => store.disperse()}>
          {say.closeAll}
        </button>
      </form>
      <div className="crowd__field">
        {crowd.length === 0 ? (
          <p className="muted small">{say.crowdEmpty}</p>
        ) : (
          <ul className="crowd__dots" aria-hidden="true">
            {crowd.map(({ key, status, heard: messages, clientId }) => (
              // The key changes with every message, so that the dot lights up anew.
              <li
                key={`${key}-${messages}`}
                className="dot"
                data-status={status}
                data-lit={messages > 0 || undefined}
                title={clientId}
              />
            ))}
          </ul>
        )}
      </div>
      <p className="small crowd__sum" role="status" aria-live="polite">
        <span>{say.crowdCount(connected, crowd.length)}</span>
        <span className="muted">{say.crowdHeard(heard)}</span>
      </p>
    </Card>
  );
}
