/** What the client says: rooms, messages, and a frame of one's own. */
import { useWords } from '@fanfare/react';
import { type ReactElement, type SyntheticEvent, useId, useState } from 'react';
import type { ClientFacts } from '../console/console-client.ts';
import { store } from '../console/console-store.ts';
import { words } from '../words.ts';
import { Card } from './card.tsx';
import { RawFrame } from './raw-frame.tsx';

export interface TalkCardProps {
  readonly lead: ClientFacts | undefined;
  readonly takesRaw: boolean;
  readonly room: string;
  readonly onRoom: (room: string) => void;
}

const ROOM = /^[A-Za-z0-9_-]{1,100}$/;

export function TalkCard({ lead, takesRaw, room, onRoom }: TalkCardProps): ReactElement {
  const say = useWords(words);
  const [message, setMessage] = useState<string | undefined>();
  const ids = { room: useId(), message: useId(), problem: useId() };
  const isOpen = lead?.status === 'open';
  const isValid = ROOM.test(room);
  const isIn = lead?.rooms.includes(room) === true;
  const text = message ?? say.sampleMessage;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    store.lead?.send('room-message', { room, message: text });
  };

  return (
    <Card icon="talk" name="talk" title={say.talk}>
      <div className="field">
        <label htmlFor={ids.room}>{say.room}</label>
        <div className="field__row">
          <input
            id={ids.room}
            className="input"
            value={room}
            autoComplete="off"
            autoCapitalize="off"
            spellCheck={false}
            aria-invalid={!isValid}
            aria-describedby={ids.problem}
            onChange={({ target }) => onRoom(target.value)}
          />
          <button
            type="button"
            className="button"
            disabled={!isOpen || !isValid}
            onClick={() => store.lead?.send(isIn ? 'leave-room' : 'join-room', { room })}
          >
            {isIn ? say.leave : say.join}
          </button>
        </div>
        <p id={ids.problem} className="field-error talk__problem">
          {isValid ? '' : say.roomInvalid}
        </p>
      </div>
      <Rooms rooms={isOpen ? lead.rooms : []} onPick={onRoom} />
      <form className="field" onSubmit={submit}>
        <label htmlFor={ids.message}>{say.message}</label>
        <input
          id={ids.message}
          className="input"
          value={text}
          autoComplete="off"
          onChange={({ target }) => setMessage(target.value)}
        />
        <div className="talk__sends">
          <button type="submit" className="button button--accent" disabled={!isOpen || !isIn}>
            {say.toRoom}
          </button>
          <button
            type="button"
            className="button"
            disabled={!isOpen}
            onClick={() => store.lead?.send('broadcast', { message: text })}
          >
            {say.toAll}
          </button>
          <button
            type="button"
            className="button"
            disabled={!isOpen}
            onClick={() => store.lead?.send('echo', { message: text })}
          >
            {say.echo}
          </button>
          <button type="button" className="button" disabled={!isOpen} onClick={() => store.lead?.send('ping')}>
            {say.ping}
          </button>
        </div>
      </form>
      <RawFrame isUsable={isOpen && takesRaw} />
    </Card>
  );
}

function Rooms({
  rooms,
  onPick,
}: {
  readonly rooms: readonly string[];
  readonly onPick: (room: string) => void;
}): ReactElement {
  const say = useWords(words);
  return (
    <div className="talk__rooms small" aria-live="polite">
      {rooms.length === 0 ? (
        <span className="muted">{say.inNone}</span>
      ) : (
        <>
          <span className="muted">{say.inRooms}</span>
          {rooms.map((each) => (
            <button key={each} type="button" className="chip" onClick={() => onPick(each)}>
              {each}
            </button>
          ))}
        </>
      )}
    </div>
  );
}
