/** For demos: this tab's own wire, broken for real. The tabs of one browser share theirs, so here the tab first gets one to itself. */
import { createDictionary, useWords } from '@fanfare/react';
import { BreakIt as Drawer } from '@fanfare-systems/edge/web';
import type { ReactElement } from 'react';
import { breakable, useClient } from '../live.ts';

const dictionary = createDictionary({
  en: {
    open: 'Break it',
    now: 'Send something from the staff page now.',
    next: 'Send something during the next freeze.',
  },
  vi: {
    open: 'Thử làm hỏng',
    now: 'Hãy gửi một thông báo từ trang quản trị.',
    next: 'Lần sau hãy gửi một thông báo trong lúc đóng băng.',
  },
});

export function BreakIt(): ReactElement {
  const hints = useWords(dictionary);
  const client = useClient();
  if (breakable === undefined) {
    return (
      <aside className="break-it">
        <a className="button button--small" href={`${window.location.pathname}?break`}>
          {hints.open}
        </a>
      </aside>
    );
  }
  return <Drawer wire={breakable.faults} reconnect={() => client.reconnect()} hints={hints} isOpenAtFirst />;
}
