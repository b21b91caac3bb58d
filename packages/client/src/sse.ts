/** `@fanfare/client/sse`: follows channels over Server-Sent Events alone, at half the size; it does not publish, and has no loops. */
import type { ChannelNames, ChannelShapes, KnownName } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import type { ChannelHandle } from './handles.ts';
import { LiveClient } from './live-client.ts';
import { ROUND_HERE } from './platform.ts';
import { sse } from './wires/sse-wire.ts';

export type SseClientOptions = Omit<ClientOptions, 'transports' | 'publishing' | 'maxQueuedEvents'>;

export type SseHandle<S extends ChannelShapes, N extends string> = Omit<
  ChannelHandle<S, N>,
  'publish' | 'set' | typeof Symbol.asyncIterator
>;

export interface SseClient<S extends ChannelShapes = ChannelShapes> extends Omit<Client<S>, 'channel'> {
  channel<const N extends ChannelNames<S>>(
    name: N & KnownName<S, N>,
    options?: { readonly after?: string | undefined },
  ): SseHandle<S, N>;
}

export function createClient<S extends ChannelShapes = ChannelShapes>(options?: SseClientOptions): SseClient<S>;
export function createClient(options: SseClientOptions = {}): unknown {
  return new LiveClient(options, {
    here: ROUND_HERE,
    link: ({ host, options: own }) => new Connection(host, own, sse),
  });
}
