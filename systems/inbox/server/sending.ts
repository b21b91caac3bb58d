/** Sends notifications: row, event and unread count of a recipient in one transaction, so that none is there without the others. */
import { isDeepStrictEqual } from 'node:util';
import type { Accounts } from '@fanfare-systems/accounts';
import type { Note } from '@fanfare-systems/inbox/rules';
import { inboxOf, unreadOf } from './channels.ts';
import type { Deliveries } from './deliveries.ts';
import { refuse } from './errors.ts';
import type { InboxLive, InboxTransaction } from './live.ts';
import type { Recipients, SendOrder } from './requests.ts';
import type { NoteText } from './store/note-store.ts';
import type { InboxStore } from './store/store.ts';

export interface Sent {
  /** Notifications made now. */
  readonly notes: readonly Note[];
  /** Made before by the same order. */
  readonly repeated: readonly Note[];
  /** Users who do not want this type: nothing was made for them. */
  readonly muted: readonly number[];
}

export interface SendingOptions {
  readonly live: InboxLive;
  readonly store: InboxStore;
  readonly accounts: Pick<Accounts, 'findUser' | 'listUsers'>;
  readonly deliveries: Deliveries;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
}

/** Recipients in one transaction: a role of thousands must not hold the loop, nor the first of them wait for the last. */
const RECIPIENTS_AT_ONCE = 100;

type Outcome =
  | { readonly kind: 'made' | 'repeated'; readonly note: Note }
  | { readonly kind: 'muted'; readonly userId: number };

export class Sending {
  readonly #options: SendingOptions;

  constructor(options: SendingOptions) {
    this.#options = options;
  }

  /**
   * Resolves when all of it is committed. Rejects with USER_NOT_FOUND before anything was sent. An engine that fails in between
   * leaves whole transactions done: repeated with the same key, the order reaches the others, and nobody twice.
   */
  async send(order: SendOrder): Promise<Sent> {
    const recipients = this.#recipientsOf(order.to);
    const outcomes: Outcome[] = [];
    for (let first = 0; first < recipients.length; first += RECIPIENTS_AT_ONCE) {
      const some = recipients.slice(first, first + RECIPIENTS_AT_ONCE);
      const done = await this.#options.live.transaction((tx) => some.map((userId) => this.#sendTo(tx, userId, order)));
      this.#options.deliveries.handedOver(done.flatMap((one) => (one.kind === 'made' ? [one.note] : [])));
      outcomes.push(...done);
    }
    return {
      notes: outcomes.flatMap((one) => (one.kind === 'made' ? [one.note] : [])),
      repeated: outcomes.flatMap((one) => (one.kind === 'repeated' ? [one.note] : [])),
      muted: outcomes.flatMap((one) => (one.kind === 'muted' ? [one.userId] : [])),
    };
  }

  #recipientsOf(to: Recipients): readonly number[] {
    const { accounts } = this.#options;
    if (to.kind === 'role') return accounts.listUsers(to.role).map((user) => user.id);
    const unknown = to.ids.filter((id) => accounts.findUser(id) === undefined);
    if (unknown.length > 0) refuse('USER_NOT_FOUND', { details: { user_ids: unknown.slice(0, 20) } });
    return to.ids;
  }

  #sendTo(tx: InboxTransaction, userId: number, { note, key }: SendOrder): Outcome {
    const { store, now } = this.#options;
    const before = key === undefined ? undefined : store.notes.findByKey(userId, key);
    if (before !== undefined) {
      if (!says(before, note)) refuse('IDEMPOTENCY_KEY_REUSED', { details: { notification: before.id } });
      return { kind: 'repeated', note: before };
    }
    if (!store.preferences.of(userId).types[note.type].on) return { kind: 'muted', userId };
    const made = store.notes.insert({ ...note, userId, at: now(), sendKey: key });
    tx.channel(inboxOf(userId)).publish('notification', made);
    tx.channel(unreadOf(userId)).set({ count: store.notes.countUnread(userId) });
    return { kind: 'made', note: made };
  }
}

function says(note: Note, text: NoteText): boolean {
  return (['title', 'message', 'type', 'url', 'data'] as const).every((part) =>
    isDeepStrictEqual(note[part], text[part]),
  );
}
