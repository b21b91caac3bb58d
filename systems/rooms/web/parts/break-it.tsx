/** The drawer that breaks this page's wires, and what makes the server end one: each end is in the frames, with its code. */
import { createDictionary, useWords } from '@fanfare/react';
import { BreakIt as Drawer, LineIcon } from '@fanfare-systems/edge/web';
import type { ReactElement } from 'react';
import type { ClientFacts } from '../console/console-client.ts';
import { store } from '../console/console-store.ts';
import { client, liveWire } from '../live.ts';

const dictionary = createDictionary({
  en: {
    now: 'Send to the room from another window now.',
    next: 'Send to the room from another window during the next freeze.',
    ends: 'Ends of your client, each with its code',
    hangUp: 'Goodbye without a code',
    large: 'Send a message too big',
    flood: 'Flood the server',
    connectFirst: 'Connect first.',
  },
  vi: {
    now: 'Hãy gửi vào phòng từ một cửa sổ khác.',
    next: 'Lần sau hãy gửi vào phòng từ một cửa sổ khác.',
    ends: 'Các kiểu kết thúc, mỗi kiểu một mã',
    hangUp: 'Tạm biệt mà không có mã',
    large: 'Gửi một thông điệp quá lớn',
    flood: 'Gửi dồn dập',
    connectFirst: 'Hãy kết nối trước.',
  },
});

/** Over what a server takes of one message, and of one client at once, by default. */
const LARGE_CHARACTERS = 70_000;
const FLOOD_MESSAGES = 1000;

export function BreakIt({ lead }: { readonly lead: ClientFacts | undefined }): ReactElement {
  const words = useWords(dictionary);
  const isOpen = lead?.status === 'open';
  const ends = [
    { text: words.hangUp, path: ICONS.hangUp, run: () => store.lead?.hangUp() },
    {
      ...{ text: words.large, path: ICONS.large },
      run: () => store.lead?.send('echo', { message: 'x'.repeat(LARGE_CHARACTERS) }),
    },
    {
      ...{ text: words.flood, path: ICONS.flood },
      run: () => {
        for (let sent = 0; sent < FLOOD_MESSAGES; sent += 1) store.lead?.send('ping');
      },
    },
  ];
  return (
    <Drawer wire={liveWire} reconnect={() => client.reconnect()} hints={words}>
      <p className="muted small">{isOpen ? words.ends : words.connectFirst}</p>
      {ends.map(({ text, path, run }) => (
        <button key={path} type="button" className="button" disabled={!isOpen} onClick={run}>
          <LineIcon path={path} />
          {text}
        </button>
      ))}
    </Drawer>
  );
}

const ICONS = {
  hangUp: 'M14 4h5v16h-5M10 8l-4 4 4 4M6 12h9',
  large: 'M4 9V4h5M20 9V4h-5M4 15v5h5M20 15v5h-5',
  flood: 'M4 7h9M4 12h9M4 17h9M16 5l4 7-4 7',
} as const;
