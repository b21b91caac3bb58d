/**
 * `@fanfare/client/sse`: follows channels over Server-Sent Events alone, at half the size. It does not publish, has no loops, and shares
 * nothing with other tabs. It has no commands either: another set of channels is another stream, which goes on from where each stands.
 */
import type { ChannelNames, ChannelShapes, KnownName } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import type { ChannelHandle } from './handles.ts';
import { LiveClient } from './live-client.ts';
import { SURROUNDINGS } from './platform.ts';
import { sse } from './wires/sse-wire.ts';

/** Those of the whole client, without what only it has. `tabs` and what of `rules` is the ladder's mean nothing here. */
export type SseClientOptions = Omit<ClientOptions, 'transports' | 'publishing' | 'maxQueuedEvents'>;

/** A channel's handle that only listens. */
export type SseHandle<S extends ChannelShapes, N extends string> = Omit<
  ChannelHandle<S, N>,
  'publish' | 'set' | typeof Symbol.asyncIterator
>;

/** As the whole client; its handles only listen. */
export interface SseClient<S extends ChannelShapes = ChannelShapes> extends Omit<Client<S>, 'channel'> {
  channel<const N extends ChannelNames<S>>(
    name: N & KnownName<S, N>,
    options?: { readonly after?: string | undefined },
  ): SseHandle<S, N>;
}

/**
 * Connects when the first listener is there; leaves when the last is gone. All channels are in the address of the stream, of which some
 * 8 kB pass through a usual proxy. While they change, what a signal channel brings is gone; logs and states miss nothing.
 * @throws TypeError outside a page without `url`
 */
export function createClient<S extends ChannelShapes = ChannelShapes>(options?: SseClientOptions): SseClient<S>;
export function createClient(options: SseClientOptions = {}): unknown {
  return new LiveClient(options, {
    here: SURROUNDINGS,
    link: ({ host, options: own }) => new Connection(host, own, sse),
  });
}
