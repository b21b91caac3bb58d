/** What the routes work with: one object, made by `createInbox`. */
import type { Accounts } from '@fanfare-systems/accounts';
import type { Callers } from './callers.ts';
import type { Deliveries } from './deliveries.ts';
import type { InboxLive } from './live.ts';
import type { Reading } from './reading.ts';
import type { Sending } from './sending.ts';
import type { InboxStore } from './store/store.ts';

export interface InboxParts {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly accounts: Pick<Accounts, 'findUser' | 'listUsers'>;
  readonly callers: Callers;
  readonly deliveries: Deliveries;
  readonly sending: Sending;
  readonly reading: Reading;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}
