/** The user's notifications, as every part of the page sees them. */
import { DEFAULT_PREFERENCES, type Note, type Preferences } from '@fanfare-systems/inbox/rules';
import { type Context, createContext, useContext } from 'react';
import type { SessionUser } from '../api.ts';
import type { InboxState } from './inbox-state.ts';

export interface Inbox {
  readonly user: SessionUser;
  readonly state: InboxState;
  readonly unread: number;
  /** undefined: not read yet. */
  readonly preferences: Preferences | undefined;
  readonly setPreferences: (preferences: Preferences) => void;
  /** What the last request of the list failed with; '': without a word of the server's. */
  readonly problem: string | undefined;
  readonly reload: () => void;
  readonly loadMore: () => Promise<void>;
  readonly read: (note: Note) => void;
  readonly readEverything: () => void;
}

export const InboxContext: Context<Inbox | undefined> = createContext<Inbox | undefined>(undefined);

export function useInbox(): Inbox {
  const inbox = useContext(InboxContext);
  if (inbox === undefined) throw new Error('useInbox: no <InboxProvider> above this component');
  return inbox;
}

/** What holds until the user's own are known. */
export function preferencesOf({ preferences }: Pick<Inbox, 'preferences'>): Preferences {
  return preferences ?? DEFAULT_PREFERENCES;
}
