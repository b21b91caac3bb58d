/** A leader's part, the election and the relay: pages load it when they cannot share by a worker, which has its own. */
import type { Platform } from '../platform.ts';
import { Election } from './election.ts';
import { type OpenUpstream, TabRelay } from './tab-relay.ts';
import type { OpenWay } from './way.ts';

/** `open`: makes the connection, should this page lead. */
export function byElection(platform: Platform, open: OpenUpstream): OpenWay {
  const { locks } = navigator;
  const electorate = { locks, id: platform.id, channel: (name: string) => new BroadcastChannel(name) };
  return (group, host) => new Election({ group, electorate, host, relay: () => new TabRelay(platform, open) });
}
