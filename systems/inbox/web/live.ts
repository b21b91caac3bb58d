/** The page's one connection to the server, shared with the user's other tabs, and hooks that know the inbox's channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import { type BreakableWire, breakWebSockets } from '@fanfare-systems/edge/web';
import type { InboxShapes } from '@fanfare-systems/inbox';

/** `?break`: this tab has a connection of its own, which can be broken without breaking that of the others. */
export const breakable: BreakableWire | undefined = new URLSearchParams(window.location.search).has('break')
  ? breakWebSockets()
  : undefined;

/** Of one user: who logs in as another loads the page anew. */
export function clientOf(userId: number): Client<InboxShapes> {
  return breakable === undefined
    ? createClient<InboxShapes>({ tabs: { user: `inbox-${userId}` } })
    : createClient<InboxShapes>({ tabs: false, fetch: breakable.fetch });
}

export const { useChannel, useClient, useEvent, useLoss }: Hooks<InboxShapes> = createHooks<InboxShapes>();
