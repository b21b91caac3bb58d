/** Which protocol, and the life of the connection: open, drop, close, and what the end meant. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import type { ClientFacts } from '../console/console-client.ts';
import { store } from '../console/console-store.ts';
import { PROTOCOLS, type Protocol } from '../console/wire.ts';
import { meaningOf, type RoomsWords, words } from '../words.ts';
import { Card } from './card.tsx';

export function ConnectCard({ lead }: { readonly lead: ClientFacts | undefined }): ReactElement {
  const say = useWords(words);
  const [protocol, setProtocol] = useState<Protocol>('websocket');
  const isOn = lead !== undefined && lead.status !== 'closed';
  return (
    <Card icon="plug" name="connect" title={say.connection}>
      <fieldset className="pick" disabled={isOn}>
        <legend className="visually-hidden">{say.protocol}</legend>
        {PROTOCOLS.map((each) => (
          <label key={each} className="pick__option">
            <input
              type="radio"
              name="protocol"
              value={each}
              checked={each === protocol}
              onChange={() => setProtocol(each)}
            />
            <span className="pick__name">{say.protocols[each]}</span>
            <code className="pick__help">{say.protocolHelp[each]}</code>
          </label>
        ))}
      </fieldset>
      <div className="row">
        {isOn ? (
          <button type="button" className="button" onClick={() => store.lead?.close()}>
            {say.disconnect}
          </button>
        ) : (
          <button type="button" className="button button--accent" onClick={() => store.connect(protocol)}>
            {say.connect}
          </button>
        )}
        <button
          type="button"
          className="button"
          disabled={lead?.status !== 'open'}
          title={say.dropHelp}
          onClick={() => store.lead?.drop()}
        >
          {say.drop}
        </button>
      </div>
      <div className="state" role="status" aria-live="polite">
        <p className="state__line" data-status={lead?.status ?? 'none'}>
          <span className="state__dot" aria-hidden="true" />
          {say.status[lead?.status ?? 'none']}
        </p>
        <p className="muted small state__more">{moreOf(lead, say)}</p>
      </div>
    </Card>
  );
}

/** Who the client is while it is connected, what its end meant afterwards. */
function moreOf(lead: ClientFacts | undefined, say: RoomsWords): string {
  if (lead?.status === 'open') return lead.clientId === undefined ? '' : say.you(lead.clientId);
  if (lead?.ending === undefined) return '';
  const { code, reason } = lead.ending;
  return code === undefined ? say.closedFor(reason) : say.closedWith(code, meaningOf(code, say));
}
