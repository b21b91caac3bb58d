/** `createClient`: typed channels over whatever connection gets through, resumed by itself. */
import type { ChannelShapes } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { Connection } from './connection.ts';
import { FullClient } from './full-client.ts';
import { shareTabs } from './tabs/share-tabs.ts';
import { ALL, choiceOf } from './transports.ts';

/**
 * Connects when the first listener is there, or something is published; leaves when the last is gone.
 * @throws TypeError outside a page without `url`, and for transports that there are not
 */
export function createClient<S extends ChannelShapes = ChannelShapes>(options?: ClientOptions): Client<S>;
export function createClient(options: ClientOptions = {}): unknown {
  const { tabs = {}, transports = ALL } = options;
  // The shapes exist only as types: every client is the same untyped one at run time, and the wire is checked by the server.
  return new FullClient(options, {
    choice: choiceOf(transports),
    link: (request) => (tabs && shareTabs(request, transports, tabs)) || new Connection(request.host, request.options),
  });
}
