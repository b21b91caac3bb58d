/** The page's one connection to the server, and hooks that know the scoreboard's channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import { breakWebSockets, type WireFaults } from '@fanfare-systems/edge/web';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';

const wire = breakWebSockets();

export const liveWire: WireFaults = wire.faults;

export const client: Client<ScoreboardShapes> = createClient<ScoreboardShapes>({
  fetch: wire.fetch,
  // A refused channel is shown on the page itself; what remains is of interest to a developer's console only.
  onError: (error) => reportError(error),
});

export const { useChannel }: Hooks<ScoreboardShapes> = createHooks<ScoreboardShapes>();
