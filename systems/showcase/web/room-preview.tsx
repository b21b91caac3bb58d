/** The first room of the console, small and live: what was said last, over whatever wire. */
import { useWords } from '@fanfare/react';
import { type ReactElement, useState } from 'react';
import { useEvent } from './live.ts';
import { words } from './words.ts';

/** The room that the console opens with. */
const ROOM = 'dashboard';

export function RoomPreview(): ReactElement {
  const say = useWords(words);
  const [said, setSaid] = useState<string>();
  useEvent(`room:${ROOM}`, 'room-message', ({ message }) => {
    setSaid(typeof message === 'string' ? message : JSON.stringify(message));
  });
  return (
    <p className="small room-preview" role="status">
      <code className="room-preview__room">{ROOM}</code>
      <span className={said === undefined ? 'muted room-preview__text' : 'room-preview__text'} key={said}>
        {said ?? say.roomQuiet}
      </span>
    </p>
  );
}
