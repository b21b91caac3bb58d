/** `createClient`: typed channels over whatever connection gets through, resumed by itself. */
import { type ChannelShapes, TRANSPORTS } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import type { ConnectionOptions } from './connection.ts';
import { FullClient } from './full-client.ts';
import { HERE } from './here.ts';
import { LadderConnection } from './ladder-connection.ts';
import type { LinkHost } from './link.ts';
import { shareTabs } from './tabs/share-tabs.ts';
import { transportsOf } from './transports.ts';

/**
 * Connects when the first listener is there, or something is published; leaves when the last is gone.
 * @throws TypeError outside a page without `url`, and for transports that there are not
 */
export function createClient<S extends ChannelShapes = ChannelShapes>(options?: ClientOptions): Client<S>;
export function createClient(options: ClientOptions = {}): unknown {
  const { tabs = {}, transports = TRANSPORTS } = options;
  const known = transportsOf(transports, options.platform ?? HERE);
  const connect = (host: LinkHost, own: ConnectionOptions): LadderConnection => new LadderConnection(host, own, known);
  // The shapes exist only as types: every client is the same untyped one at run time, and the wire is checked by the server.
  const client: FullClient = new FullClient(options, {
    here: HERE,
    link: (request) =>
      (tabs && shareTabs({ ...request, connect, replace: (link) => client.replace(link) }, transports, tabs)) ||
      connect(request.host, request.options),
  });
  return client;
}
