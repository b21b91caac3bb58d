/** The page's one connection to the server, and hooks that know the scoreboard's channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';
import { createBreakableFetch } from './breakable-fetch.ts';
import { createBreakableSockets } from './breakable-sockets.ts';
import { faultsOf, type WireFaults } from './wire-faults.ts';

const requests = createBreakableFetch((input, init) => fetch(input, init));
const sockets = createBreakableSockets(WebSocket);
// The client opens what the page calls a WebSocket.
Reflect.set(globalThis, 'WebSocket', sockets.Socket);

/** Only the client's wires are broken by it: actions and the page's own polling stay whole. */
export const liveWire: WireFaults = faultsOf(requests, sockets);

export const client: Client<ScoreboardShapes> = createClient<ScoreboardShapes>({
  fetch: requests.fetch,
  // A refused channel is shown on the page itself; what remains is of interest to a developer's console only.
  onError: (error) => reportError(error),
});

export const { useChannel }: Hooks<ScoreboardShapes> = createHooks<ScoreboardShapes>();
