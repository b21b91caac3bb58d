/** The part of Fanfare that the inbox stands on. */
import type { Fanfare, Transaction } from 'fanfare';
import type { InboxChannels } from './channels.ts';

type Operations =
  | 'channel'
  | 'transaction'
  | 'stream'
  | 'observe'
  | 'identify'
  | 'issueTicket'
  | 'connections'
  | 'disconnect'
  | 'transports'
  | 'setTransports'
  | 'audit';

export type InboxLive = Pick<Fanfare<InboxChannels>, Operations>;
export type InboxTransaction = Transaction<InboxChannels>;
