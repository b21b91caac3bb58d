/** The inbox: notifications of a user on every tab and device. */

export type { Analytics, LiveCounters, Note, NoteType, Preferences, ReadMark } from '@fanfare-systems/inbox/rules';
export type { InboxChannels, InboxShapes } from './channels.ts';
export { INBOX_ERRORS, type InboxErrorCode } from './errors.ts';
export { createInbox, type Inbox, type InboxOptions } from './inbox.ts';
export type { InboxLive } from './live.ts';
export type { Unread } from './payloads.ts';
