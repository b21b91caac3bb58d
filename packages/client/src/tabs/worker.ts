/**
 * A script of its own, for a SharedWorker: the other half of `WorkerWay`, one relay for all tabs of the group that the worker is
 * named after.
 */
import { Connection } from '../connection.ts';
import { HERE } from '../platform.ts';
import { choiceOf } from '../transports.ts';
import { readGroupName } from './group.ts';
import { fromTab } from './relay-messages.ts';
import { TabRelay } from './tab-relay.ts';

const [settings, transports] = readGroupName(Reflect.get(globalThis, 'name'));
const relay = new TabRelay(HERE, (host, platform, memory) => {
  return new Connection(host, {
    ...settings,
    base: new URL(settings.base),
    choice: choiceOf(transports),
    // A worker has no storage: its tabs have.
    platform: { ...platform, recall: () => memory, remember: (key, word) => relay.tell(['keep', key, word]) },
  });
});
addEventListener('connect', (event) => {
  const port = event instanceof MessageEvent ? event.ports[0] : undefined;
  if (port === undefined) return;
  const tab = relay.attach(port);
  // Where browsers tell it: the other end is gone.
  port.addEventListener('close', () => tab.leave());
  port.onmessage = ({ data }) => tab.hear(fromTab(data));
});
