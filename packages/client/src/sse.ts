/** `@fanfare/client/sse`: the same client with Server-Sent Events alone, at half the size. */
import type { ChannelShapes } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { LiveClient } from './live-client.ts';
import { onlyTransport } from './transport-choice.ts';
import { sse } from './wires/sse-wire.ts';

export type { Client } from './client-options.ts';
export type SseClientOptions = Omit<ClientOptions, 'transports'>;

export function createClient<S extends ChannelShapes = ChannelShapes>(options?: SseClientOptions): Client<S>;
export function createClient(options: SseClientOptions = {}): unknown {
  return new LiveClient(options, {
    choice: onlyTransport(sse),
    link: ({ host, options: own }) => new Connection(host, own),
  });
}
