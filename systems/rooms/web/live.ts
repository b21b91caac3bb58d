/** The page's own connection to the hub, beside those that the console opens: it shows that a room is the same on every wire. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import type { RoomsShapes } from '@fanfare-systems/rooms';

export const client: Client<RoomsShapes> = createClient<RoomsShapes>();

export const { useEvent }: Hooks<RoomsShapes> = createHooks<RoomsShapes>();
