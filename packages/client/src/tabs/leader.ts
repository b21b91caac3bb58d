/** A leader's part, the election and the relay: pages load it when they cannot share by a worker, which has its own. */
import type { Platform } from '../platform.ts';
import { Election } from './election.ts';
import { type OpenUpstream, TabRelay } from './tab-relay.ts';
import type { OpenWay } from './way.ts';
import { watchPage, whileAwake } from './while-awake.ts';

/** `upstream`: makes the connection, should this page lead. */
export function byElection(platform: Platform, upstream: OpenUpstream): OpenWay {
  const { locks } = navigator;
  const electorate = { locks, id: platform.id, channel: (name: string) => new BroadcastChannel(name) };
  const relay = (): TabRelay => new TabRelay(platform, upstream);
  return whileAwake((group, host) => new Election({ group, electorate, host, relay }), platform, watchPage);
}
