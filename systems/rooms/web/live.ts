/** The page's own connection to the hub, beside those that the console opens: it shows that a room is the same on every wire. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import { breakWebSockets, type WireFaults } from '@fanfare-systems/edge/web';
import type { RoomsShapes } from '@fanfare-systems/rooms';
import { carriesMessage } from './console/carries-message.ts';

/** Before anything connects: the console's own WebSockets, those of Socket.IO and the client's can be broken from now on. */
const wire = breakWebSockets({ isEvent: carriesMessage });

export const liveWire: WireFaults = wire.faults;

export const client: Client<RoomsShapes> = createClient<RoomsShapes>({ fetch: wire.fetch });

export const { useEvent }: Hooks<RoomsShapes> = createHooks<RoomsShapes>();
