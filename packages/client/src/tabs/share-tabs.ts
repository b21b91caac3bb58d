/** Whether the tabs of a user can share one connection here, and how. */
import type { TransportName } from '@fanfare/protocol';
import type { TabsOptions } from '../client-options.ts';
import { Connection, memoryKey } from '../connection.ts';
import type { ConnectionRules } from '../connection-phase.ts';
import type { Link } from '../link.ts';
import type { LinkRequest } from '../live-client.ts';
import { HERE } from '../platform.ts';
import { loadedWay } from './loaded-way.ts';
import { VERSION } from './messages.ts';
import { TabLink, type TabPage } from './tab-link.ts';
import type { OpenWay } from './way.ts';
import { WorkerWay } from './worker-way.ts';

/** What a worker needs to know to open the connection that a page would. */
export interface LinkSettings {
  readonly base: string;
  readonly credentials: RequestCredentials;
  readonly rules: ConnectionRules;
  readonly refreshable: boolean;
  readonly transports: readonly TransportName[];
  /** The transport that worked last time. */
  readonly memory?: string | undefined;
}

/** undefined: outside pages, where the application brought its own network, and in browsers that have nothing to share by. */
export function shareTabs(
  { host, options, replace }: LinkRequest,
  transports: readonly TransportName[],
  { user, worker }: TabsOptions,
): Link | undefined {
  const { platform, credentials, rules, refreshable, base } = options;
  if (typeof document === 'undefined' || platform !== HERE) return undefined;
  const settings: LinkSettings = { base: base.href, credentials, rules, refreshable, transports };
  const locks: LockManager | undefined = navigator.locks;
  const ways: OpenWay[] = [];
  const url = worker ?? (base.origin === location.origin && new URL('fanfare-worker.js', base));
  if (url !== false && typeof SharedWorker !== 'undefined') {
    ways.push((group, wayHost) => new WorkerWay({ group, url: `${url}`, locks, id: platform.id, host: wayHost }));
  }
  if (locks !== undefined && typeof BroadcastChannel !== 'undefined') {
    const load = async (): Promise<OpenWay> => {
      const { byElection } = await import('./leader.ts');
      return byElection(platform, (_settings, relayHost, relayPlatform) => {
        return new Connection(relayHost, { ...options, platform: relayPlatform });
      });
    };
    // Where it will be needed, it is fetched with the page: later the network may be worse.
    if (ways.length === 0) load().catch(() => undefined);
    ways.push(loadedWay(load));
  }
  if (ways.length === 0) return undefined;
  return new TabLink({
    host,
    platform,
    settings: { ...settings, memory: platform.recall?.(memoryKey(base)) },
    group: `fanfare ${VERSION} ${JSON.stringify(settings)}`,
    user,
    ways,
    page: PAGE,
    alone: () => replace(new Connection(host, options)),
  });
}

const PAGE: TabPage = {
  isVisible: () => document.visibilityState !== 'hidden',
  watch(listener) {
    const stop = new AbortController();
    const hear = (target: EventTarget, type: string, awake: boolean): void =>
      target.addEventListener(type, () => listener(awake), { signal: stop.signal });
    hear(window, 'pagehide', false);
    hear(document, 'freeze', false);
    hear(window, 'pageshow', true);
    hear(document, 'resume', true);
    return () => stop.abort();
  },
};
