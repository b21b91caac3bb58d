/** The same room by the hub's own wire: what is said over `/ws` or Socket.IO arrives here as well. */

import { useWords } from '@fanfare/react';
import type { RoomMessage } from '@fanfare-systems/rooms';
import { type ReactElement, useState } from 'react';
import { useEvent } from '../live.ts';
import { words } from '../words.ts';
import { Card } from './card.tsx';

const SHOWN = 4;

interface Heard {
  readonly position: string;
  readonly message: RoomMessage;
}

export function HubCard({ room }: { readonly room: string }): ReactElement {
  const say = useWords(words);
  const [heard, setHeard] = useState<readonly Heard[]>([]);
  useEvent(`room:${room}`, 'room-message', (message, { position }) => {
    setHeard((before) => [{ position: position ?? '', message }, ...before].slice(0, SHOWN));
  });
  return (
    <Card icon="hub" name="hub" title={say.hub} beside={<code className="muted small hub__name">room:{room}</code>}>
      <p className="muted small">{say.hubLead}</p>
      <ol className="hub__list">
        {heard.length === 0 && <li className="muted small">{say.hubEmpty(room)}</li>}
        {heard.map(({ position, message }) => (
          <li key={position} className="hub__message">
            <span className="hub__text">{textOf(message.message)}</span>
            <span className="muted small hub__from">{say.from(message.from)}</span>
          </li>
        ))}
      </ol>
    </Card>
  );
}

function textOf(message: unknown): string {
  return typeof message === 'string' ? message : JSON.stringify(message);
}
