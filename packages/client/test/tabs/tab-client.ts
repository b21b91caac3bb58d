/** A client in a page of a `World`, and what it was handed. */

import type { ClientOptions } from '../../src/client-options.ts';
import { FullClient } from '../../src/full-client.ts';
import type { Client, ClientError } from '../../src/index.ts';
import { Election, type Electorate } from '../../src/tabs/election.ts';
import { fromTab } from '../../src/tabs/relay-messages.ts';
import { TabLink } from '../../src/tabs/tab-link.ts';
import { TabRelay } from '../../src/tabs/tab-relay.ts';
import type { OpenWay } from '../../src/tabs/way.ts';
import { whileAwake } from '../../src/tabs/while-awake.ts';
import { ModelLink } from './model-link.ts';
import type { Page } from './tab-world.ts';

export interface TabClient {
  readonly page: Page;
  readonly client: Client;
  readonly errors: ClientError[];
  /** Its own connection, where it cannot share. */
  readonly own: () => ModelLink | undefined;
}

export interface TabClientOptions extends Partial<ClientOptions> {
  /** undefined: whose the token is. */
  readonly user?: string | undefined;
  readonly ways?: readonly OpenWay[];
}

/** The relay runs in the page that leads. */
export function byElection(page: Page, electorate: Electorate = page.electorate): OpenWay {
  const { platform } = page;
  return whileAwake(
    (group, host) => new Election({ group, electorate, host, relay: () => relayIn(page) }),
    platform,
    (asleep) => page.watchSleep(asleep),
  );
}

/** The relay runs in another page, which stands for a worker; it is made when the first tab comes. */
export function byWorker(page: Page, worker: Page): OpenWay {
  return () => ({
    async connect(hear) {
      const relay = relays.get(worker) ?? relayIn(worker);
      relays.set(worker, relay);
      let isOpen = true;
      const end = relay.attach({
        postMessage: (message) => page.enqueue(() => isOpen && hear(structuredClone(message))),
        close: () => undefined,
      });
      return {
        postMessage: (message) => worker.enqueue(() => end.hear(fromTab(structuredClone(message)))),
        close: () => {
          isOpen = false;
        },
      };
    },
    unanswered: () => undefined,
    leave: () => undefined,
  });
}

const relays = new WeakMap<Page, TabRelay>();

function relayIn(page: Page): TabRelay {
  return new TabRelay(page.platform, (host, platform) => new ModelLink({ page, platform, host }));
}

export function tabClient(page: Page, { user, ways, ...options }: TabClientOptions = {}): TabClient {
  const errors: ClientError[] = [];
  let own: ModelLink | undefined;
  const client: FullClient = new FullClient(
    { url: 'http://live.test', platform: page.platform, onError: (error) => errors.push(error), ...options },
    {
      here: page.platform,
      link: ({ host }) =>
        new TabLink({
          host,
          platform: page.platform,
          group: (name) => `group ${name}`,
          user,
          ways: ways ?? [byElection(page)],
          page,
          alone: () => {
            own = new ModelLink({ page, platform: page.platform, host });
            client.replace(own);
          },
        }),
    },
  );
  return { page, client, errors, own: () => own };
}
