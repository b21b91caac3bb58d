/** `createClient`: typed channels over whatever connection gets through, resumed by itself. */
import type { ChannelShapes } from '@fanfare/protocol';
import type { Client, ClientOptions } from './client-options.ts';
import { bestOf } from './climb.ts';
import { Connection } from './connection.ts';
import { FullClient } from './full-client.ts';
import { poll } from './wires/poll-wire.ts';
import { sse } from './wires/sse-wire.ts';
import { ws } from './wires/ws-wire.ts';

/**
 * Connects when the first listener is there, or something is published; leaves when the last is gone.
 * @throws TypeError outside a page without `url`, and for transports that there are not
 */
export function createClient<S extends ChannelShapes = ChannelShapes>(options?: ClientOptions): Client<S>;
export function createClient(options: ClientOptions = {}): unknown {
  const known = [ws, sse, poll];
  const transports = (options.transports ?? ['ws', 'sse', 'poll']).map((name) => {
    const transport = known.find((one) => one.name === name);
    if (transport === undefined) throw new TypeError(`transports: expected ws, sse or poll, got ${name}.`);
    return transport;
  });
  if (transports.length === 0) throw new TypeError('transports: expected at least one.');
  // The shapes exist only as types: every client is the same untyped one at run time, and the wire is checked by the server.
  return new FullClient(options, {
    choice: bestOf(transports),
    link: (request) => new Connection(request.host, request.options),
  });
}
