/** Whether the tabs of a user can share one connection here, and how. */
import type { TransportName } from '@fanfare/protocol';
import type { TabsOptions } from '../client-options.ts';
import type { ConnectionOptions } from '../connection.ts';
import { HERE } from '../here.ts';
import type { Link, LinkHost } from '../link.ts';
import type { LinkRequest } from '../live-client.ts';
import type { Surroundings } from '../platform.ts';
import { groupName } from './group.ts';
import { loadedWay } from './loaded-way.ts';
import { TabLink } from './tab-link.ts';
import type { OpenWay } from './way.ts';
import { workerWay } from './worker-way.ts';

export interface ShareRequest extends LinkRequest {
  /** Makes a connection that is shared with nobody else, or the one that is shared. */
  readonly connect: (host: LinkHost, options: ConnectionOptions) => Link;
  /** Another link is the client's from now on; the old one says nothing any more. */
  readonly replace: (link: Link) => void;
}

/** undefined: outside pages, where the application brought its own network, and in browsers that have nothing to share by. */
export function shareTabs(
  { host, options, connect, replace }: ShareRequest,
  transports: readonly TransportName[],
  { user, worker }: TabsOptions,
): Link | undefined {
  const { base } = options;
  const platform = HERE;
  if (typeof document === 'undefined' || options.platform !== platform) return undefined;
  const own = (linkHost = host, linkPlatform: Surroundings = platform): Link =>
    connect(linkHost, { ...options, platform: linkPlatform });
  const ways: OpenWay[] = [];
  const url = worker ?? (base.origin === location.origin && new URL('fanfare-worker.js', base));
  if (url && globalThis.SharedWorker) ways.push(workerWay(url));
  // Where there are locks there is BroadcastChannel.
  if (navigator.locks) {
    const load = async (): Promise<OpenWay> => (await import('./leader.ts')).byElection(platform, own);
    // Where it will be needed, it is fetched with the page: later the network may be worse.
    if (ways.length === 0) load().catch(() => undefined);
    ways.push(loadedWay(load));
  }
  if (ways.length === 0) return undefined;
  return new TabLink({
    host,
    platform,
    group: (name) => groupName(options, transports, name),
    user,
    ways,
    page: document,
    alone: () => replace(own()),
  });
}
