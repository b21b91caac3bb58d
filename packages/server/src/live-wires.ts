/** Every way for a client to reach the hub, and what they share. */
import type { Authenticate } from './auth/identity.ts';
import type { ChannelRegistry } from './channels/channel-map.ts';
import type { Entropy, Hub, HubLimits } from './core/index.ts';
import { Router } from './http/router.ts';
import { ConnectionDirectory } from './transports/connection-directory.ts';
import { PollEndpoint } from './transports/poll/endpoint.ts';
import { SseEndpoint } from './transports/sse/endpoint.ts';
import type { SseStreams } from './transports/sse/streams.ts';

export interface LiveWiresOptions {
  readonly hub: Hub;
  readonly entropy: Entropy;
  readonly limits: HubLimits;
  readonly registry: ChannelRegistry;
  readonly streams: SseStreams;
  readonly authenticate: Authenticate | undefined;
  readonly onError: (error: unknown) => void;
}

export class LiveWires {
  readonly directory: ConnectionDirectory;
  readonly #sse: SseEndpoint;
  readonly #poll: PollEndpoint;

  constructor(options: LiveWiresOptions) {
    const { hub, entropy, limits, registry, streams, authenticate, onError } = options;
    this.directory = new ConnectionDirectory(hub);
    this.#sse = new SseEndpoint({ streams, registry, authenticate, onError });
    this.#poll = new PollEndpoint({ hub, entropy, limits, registry, authenticate });
  }

  routes(): Router {
    return new Router()
      .get('/live/sse', (exchange) => this.#sse.handle(exchange))
      .get('/live/poll', (exchange) => this.#poll.handle(exchange));
  }
}
