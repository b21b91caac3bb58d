/** The page's wires, both kinds, as one that can be broken. */
import { createBreakableFetch } from './breakable-fetch.ts';
import { type BreakableSocketsOptions, createBreakableSockets } from './breakable-sockets.ts';
import { faultsOf, type WireFaults } from './wire-faults.ts';

export interface BreakableWire {
  /** For `createClient({ fetch })`: only the client's wires are broken by it, requests of the page stay whole. */
  readonly fetch: typeof fetch;
  readonly faults: WireFaults;
}

/** From now on what this page calls a WebSocket can be broken, too. Call it once, before the client is made. */
export function breakWebSockets(options: BreakableSocketsOptions = {}): BreakableWire {
  const requests = createBreakableFetch((input, init) => fetch(input, init));
  const sockets = createBreakableSockets(WebSocket, options);
  // The client opens what the page calls a WebSocket.
  Reflect.set(globalThis, 'WebSocket', sockets.Socket);
  return { fetch: requests.fetch, faults: faultsOf(requests, sockets) };
}
