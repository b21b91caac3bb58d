/** What the backend API stands on: the hub's public side by name instead of type. */
import type { TransportName } from '@fanfare/protocol';
import type { ChannelReader } from './channels/channel-reader.ts';
import type { Publisher } from './channels/publisher.ts';
import { type Disconnected, type DisconnectTarget, type Engine, EngineUnavailable, type Hub } from './core/index.ts';
import type { LiveApi } from './http/live-api.ts';
import type { LiveAuth } from './live-auth.ts';
import type { AuditTrail } from './observe/audit-trail.ts';

export interface LiveApiParts {
  readonly engine: Pick<Engine, 'health'>;
  readonly hub: Hub;
  readonly auth: LiveAuth;
  readonly audit: AuditTrail;
  readonly publisher: Publisher;
  readonly reader: ChannelReader;
  readonly setTransports: (transports: readonly TransportName[]) => void;
}

export function liveApi({ engine, hub, auth, audit, publisher, reader, setTransports }: LiveApiParts): LiveApi {
  /** A disconnection is not kept: who asks has to know that servers which the engine does not reach did not hear of it. */
  const disconnect = (target: DisconnectTarget): Disconnected => {
    const ended = auth.disconnect(target);
    const health = engine.health();
    if (!health.ready) throw new EngineUnavailable(health.reason);
    return ended;
  };
  return {
    publish: (request) => publisher.publish(request),
    set: (request) => publisher.set(request),
    history: ({ channel, ...range }) => reader.history(channel, range),
    channels: () => hub.channels(),
    stats: () => hub.stats(),
    transports: () => hub.transports.allowed,
    setTransports,
    connections: () => hub.connections(),
    disconnect,
    revoke: (revocation) => auth.revoke(revocation),
    explain: (question) => auth.explain(question),
    audit: (range) => audit.read(range),
  };
}
