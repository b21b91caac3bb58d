/** Every way for a client to reach the hub, and what they share. */
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Authenticate } from './auth/identity.ts';
import type { ChannelRegistry } from './channels/channel-map.ts';
import type { Publisher } from './channels/publisher.ts';
import type { Clock, Entropy, Hub, HubLimits } from './core/index.ts';
import { fail } from './http/errors.ts';
import type { OriginPolicy } from './http/origin-policy.ts';
import { requestPath } from './http/request-path.ts';
import { Router } from './http/router.ts';
import { Commands } from './transports/commands.ts';
import { ConnectionDirectory } from './transports/connection-directory.ts';
import { PollEndpoint } from './transports/poll/endpoint.ts';
import { SseEndpoint } from './transports/sse/endpoint.ts';
import type { SseStreams } from './transports/sse/streams.ts';
import { WebSocketEndpoint } from './transports/ws/endpoint.ts';

const WEB_SOCKET_PATH = '/live/ws';

export interface LiveWiresOptions {
  readonly hub: Hub;
  readonly entropy: Entropy;
  readonly limits: HubLimits;
  readonly registry: ChannelRegistry;
  readonly streams: SseStreams;
  readonly publisher: Publisher;
  readonly clock: Clock;
  readonly origins: OriginPolicy;
  readonly trustedHops: number;
  readonly authenticate: Authenticate | undefined;
  readonly onError: (error: unknown) => void;
}

export class LiveWires {
  readonly directory: ConnectionDirectory;
  readonly #sse: SseEndpoint;
  readonly #poll: PollEndpoint;
  readonly #ws: WebSocketEndpoint;

  constructor(options: LiveWiresOptions) {
    const { hub, clock, entropy, limits, registry, streams, publisher, origins, trustedHops } = options;
    const { authenticate, onError } = options;
    const commands = new Commands({ registry, publisher, clock, authenticate, onError });
    this.directory = new ConnectionDirectory(hub);
    this.#sse = new SseEndpoint({ streams, registry, authenticate, onError });
    this.#poll = new PollEndpoint({ hub, entropy, limits, registry, authenticate });
    this.#ws = new WebSocketEndpoint({ hub, clock, commands, origins, authenticate, trustedHops, onError });
  }

  routes(): Router {
    return new Router()
      .get('/live/sse', (exchange) => this.#sse.handle(exchange))
      .get('/live/poll', (exchange) => this.#poll.handle(exchange))
      .get(WEB_SOCKET_PATH, () => fail('UPGRADE_REQUIRED'));
  }

  /** Answers an upgrade of one of our paths; false, and nothing done, for any other. */
  upgrade(req: IncomingMessage, socket: Duplex, head: Buffer): boolean {
    const isOurs = requestPath(req.url ?? '/') === WEB_SOCKET_PATH;
    if (isOurs) this.#ws.upgrade(req, socket, head);
    return isOurs;
  }
}
