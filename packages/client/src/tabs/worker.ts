/**
 * A script of its own, for a SharedWorker: the other end of the way by a worker (`worker-way.ts`), one relay for all tabs of the group
 * that the worker is named after.
 */

import { HERE } from '../here.ts';
import { LadderConnection, memoryKey } from '../ladder-connection.ts';
import { transportsOf } from '../transports.ts';
import { readGroupName } from './group.ts';
import { fromTab } from './relay-messages.ts';
import { TabRelay } from './tab-relay.ts';
import { recallWord, rememberWord } from './worker-memory.ts';

const [settings, transports] = readGroupName(Reflect.get(globalThis, 'name'));
const base = new URL(settings.base);
let memory: string | undefined;
const ready = recallWord(memoryKey(base)).then((word) => {
  memory = word;
});
const relay = new TabRelay(HERE, (host, platform) => {
  const remember = (key: string, word: string): void => void rememberWord(key, word);
  const own = { ...platform, recall: () => memory, remember };
  return new LadderConnection(host, { ...settings, base, platform: own }, transportsOf(transports, own));
});

addEventListener('connect', (event) => {
  const port = event instanceof MessageEvent ? event.ports[0] : undefined;
  if (port === undefined) return;
  const tab = relay.attach(port);
  // Where browsers tell it: the other end is gone.
  port.addEventListener('close', () => tab.leave());
  // Until it listens the port keeps what comes.
  void ready.then(() => {
    port.onmessage = ({ data }) => tab.hear(fromTab(data));
  });
});
