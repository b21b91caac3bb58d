/** The page's one connection to the server, and hooks that know the scoreboard's channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import type { ScoreboardShapes } from '@fanfare-systems/scoreboard';
import { createBreakableFetch } from './breakable-fetch.ts';

/** Only the live wire goes through it: actions and polling stay whole when the drawer breaks it. */
export const liveWire = createBreakableFetch((input, init) => fetch(input, init));

export const client: Client<ScoreboardShapes> = createClient<ScoreboardShapes>({
  fetch: liveWire.fetch,
  // A refused channel is shown on the page itself; what remains is of interest to a developer's console only.
  onError: (error) => reportError(error),
});

export const { useChannel }: Hooks<ScoreboardShapes> = createHooks<ScoreboardShapes>();
