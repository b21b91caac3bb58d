/** The page's one connection to the server, shared with the user's other tabs, and hooks that know the inbox's channels. */
import { type Client, createClient } from '@fanfare/client';
import { createHooks, type Hooks } from '@fanfare/react';
import type { InboxShapes } from '@fanfare-systems/inbox';

/** Of one user: who logs in as another loads the page anew. */
export function clientOf(userId: number): Client<InboxShapes> {
  return createClient<InboxShapes>({ tabs: { user: `inbox-${userId}` } });
}

export const { useChannel, useClient, useEvent, useLoss }: Hooks<InboxShapes> = createHooks<InboxShapes>();
