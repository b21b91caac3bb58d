/** The drawer that breaks this page's wire, with what to do at a court meanwhile. */
import { createDictionary, useWords } from '@fanfare/react';
import { BreakIt as Drawer } from '@fanfare-systems/edge/web';
import type { ReactElement } from 'react';
import { client, liveWire } from '../live.ts';

const dictionary = createDictionary({
  en: {
    now: 'Score a point on another screen now.',
    next: 'Score on another screen during the next freeze.',
  },
  vi: { now: 'Hãy ghi một điểm ở màn hình khác.', next: 'Lần sau hãy ghi điểm ở màn hình khác.' },
});

export function BreakIt(): ReactElement {
  const hints = useWords(dictionary);
  return <Drawer wire={liveWire} reconnect={() => client.reconnect()} hints={hints} />;
}
