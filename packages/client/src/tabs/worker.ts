/**
 * A script of its own, for a SharedWorker: the other half of `WorkerWay`, one relay for all tabs of the group that the worker is
 * named after.
 */
import { Connection } from '../connection.ts';
import { HERE } from '../platform.ts';
import { choiceOf } from '../transports.ts';
import { whenGone } from './hold-lock.ts';
import { fromTab } from './messages.ts';
import type { LinkSettings } from './share-tabs.ts';
import { TabRelay } from './tab-relay.ts';

const relay = new TabRelay(HERE, (given, host, platform) => {
  const { base, transports, memory, ...settings } = settingsOf(given);
  return new Connection(host, {
    ...settings,
    base: new URL(base),
    choice: choiceOf(transports),
    // A worker has no storage: its tabs have.
    platform: { ...platform, recall: () => memory, remember: (key, word) => relay.tell(['keep', key, word]) },
  });
});
addEventListener('connect', (event) => {
  const port = event instanceof MessageEvent ? event.ports[0] : undefined;
  if (port === undefined) return;
  const tab = relay.attach({ send: (message) => port.postMessage(message), close: () => port.close() });
  // Where browsers tell it: the other end is gone.
  port.addEventListener('close', () => tab.leave());
  port.onmessage = ({ data }) => {
    if (typeof data === 'string') whenGone(navigator.locks, data, () => tab.leave());
    else tab.hear(fromTab(data));
  };
});

function settingsOf(given: unknown): LinkSettings {
  return given as LinkSettings;
}
