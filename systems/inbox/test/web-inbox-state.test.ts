/** What a page knows of the list, whatever comes in whatever order; days, and series over days. */
import type { Analytics, Note } from '@fanfare-systems/inbox/rules';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { daysBetween, groupByDay, startOfDay } from '../web/list/day-groups.ts';
import { EMPTY_INBOX, type InboxEvent, type InboxState, nextInbox } from '../web/list/inbox-state.ts';
import { deliveryOf, sentByType } from '../web/staff/day-series.ts';

const READ_AT = '2026-03-10T09:00:00.000Z';
const PAGE = 3;

function note(id: number, isRead = false, createdAt = '2026-03-10T08:00:00.000Z'): Note {
  return {
    ...{ id, user_id: 5, title: `n${id}`, message: '', type: 'info', created_at: createdAt },
    read_at: isRead ? READ_AT : null,
  };
}

function listed(ids: readonly number[], next: number | null, unread = ids.length): InboxEvent {
  return { kind: 'listed', listed: { items: ids.map((id) => note(id)), unread, next } };
}

function ids({ notes }: InboxState): readonly number[] | undefined {
  return notes?.map(({ id }) => id);
}

describe('the list of a page', () => {
  it('shows each once, newest first, whether the list or the event came first', () => {
    const came: InboxEvent = { kind: 'came', note: note(4) };
    const first = listed([3, 2, 1], null);
    const both = listed([4, 3, 2], 2);

    expect(ids([came, first].reduce(nextInbox, EMPTY_INBOX))).toEqual([4, 3, 2, 1]);
    expect(ids([first, came].reduce(nextInbox, EMPTY_INBOX))).toEqual([4, 3, 2, 1]);
    expect(ids([came, both].reduce(nextInbox, EMPTY_INBOX))).toEqual([4, 3, 2]);
  });

  it('keeps older pages that hang together with a first page that is read again', () => {
    const older: InboxEvent = {
      kind: 'listed-more',
      before: 4,
      listed: { items: [note(3), note(2)], unread: 5, next: 2 },
    };
    const state = [listed([6, 5, 4], 4), older, listed([7, 6, 5], 5)].reduce(nextInbox, EMPTY_INBOX);

    expect(ids(state)).toEqual([7, 6, 5, 4, 3, 2]);
    expect(state.next).toBe(2);
  });

  it('leaves out older ones where a hole could be between them and what was read again', () => {
    const state = [listed([3, 2, 1], null), listed([40, 39, 38], 38)].reduce(nextInbox, EMPTY_INBOX);

    expect(ids(state)).toEqual([40, 39, 38]);
    expect(state.next).toBe(38);
  });

  it('takes a page of older ones once, and not one that was asked for before the list changed', () => {
    const older: InboxEvent = { kind: 'listed-more', before: 4, listed: { items: [note(3)], unread: 4, next: null } };
    const once = [listed([6, 5, 4], 4), older].reduce(nextInbox, EMPTY_INBOX);

    expect(nextInbox(once, older)).toEqual(once);
    expect(ids([listed([6, 5, 4], 4), listed([60, 59, 58], 58), older].reduce(nextInbox, EMPTY_INBOX))).toEqual([
      60, 59, 58,
    ]);
  });

  it('marks what was read, keeps the first time, and takes back what did not reach the server', () => {
    const read: InboxEvent = { kind: 'read', mark: { up_to: 2, read_at: READ_AT } };
    const state = [listed([3, 2, 1], null), read].reduce(nextInbox, EMPTY_INBOX);
    const again = nextInbox(state, { kind: 'read', mark: { ids: [2], read_at: '2026-03-11T00:00:00.000Z' } });

    expect(state.notes?.map(({ read_at: at }) => at)).toEqual([null, READ_AT, READ_AT]);
    expect(again).toEqual(state);
    const back = nextInbox(state, { kind: 'unread-again', ids: [2] });
    expect(back.notes?.map(({ read_at: at }) => at !== null)).toEqual([false, false, true]);
  });

  it('is what the server has from the newest on, whatever is read and told in between', () => {
    const step = fc.oneof(
      fc.constant('send' as const),
      fc.constant('reload' as const),
      fc.constant('more' as const),
      fc.nat(30),
    );
    fc.assert(
      fc.property(fc.nat(12), fc.array(step, { maxLength: 30 }), (before, steps) => {
        const server: Note[] = Array.from({ length: before }, (_, index) => note(index + 1)).reverse();
        const pageOf = (from: number): { items: Note[]; unread: number; next: number | null } => {
          const items = server.filter(({ id }) => id < from).slice(0, PAGE);
          return { items, unread: 0, next: items.length < PAGE ? null : (items.at(-1)?.id ?? null) };
        };
        let state = nextInbox(EMPTY_INBOX, { kind: 'listed', listed: pageOf(Number.MAX_SAFE_INTEGER) });
        for (const one of steps) {
          if (one === 'send') {
            server.unshift(note(server.length + 1));
            state = nextInbox(state, { kind: 'came', note: server[0] as Note });
          } else if (one === 'reload') {
            state = nextInbox(state, { kind: 'listed', listed: pageOf(Number.MAX_SAFE_INTEGER) });
          } else if (one === 'more') {
            if (state.next !== null) {
              state = nextInbox(state, { kind: 'listed-more', before: state.next, listed: pageOf(state.next) });
            }
          } else {
            const at = server.findIndex(({ id }) => id === one);
            if (at === -1) continue;
            server[at] = note(one, true);
            state = nextInbox(state, { kind: 'read', mark: { ids: [one], read_at: READ_AT } });
          }
        }

        const { notes = [] } = state;
        expect(notes).toEqual(server.slice(0, notes.length));
        // Nothing that there is can stay out of reach.
        if (state.next === null) expect(notes).toHaveLength(server.length);
      }),
    );
  });
});

describe('days', () => {
  it('are those of the reader’s clock, newest first', () => {
    const at = (hours: number): string => new Date(startOfDay(Date.now()) + hours * 3_600_000).toISOString();
    const groups = groupByDay([
      note(4, false, at(9)),
      note(3, false, at(1)),
      note(2, false, at(-1)),
      note(1, false, at(-30)),
    ]);

    expect(groups.map(({ notes }) => notes.map(({ id }) => id))).toEqual([[4, 3], [2], [1]]);
    expect(groups.map(({ day }) => daysBetween(day, startOfDay(Date.now()) + 1))).toEqual([0, 1, 2]);
  });
});

describe('series over days', () => {
  const fate = { sent: 5, delivered_live: 2, delivered_on_reconnect: 1, read: 1, median_seconds_to_read: null };
  const nothing = { sent: 0, delivered_live: 0, delivered_on_reconnect: 0, read: 0, median_seconds_to_read: null };
  const analytics: Analytics = {
    ...{ from: '2026-03-09', to: '2026-03-10', time_zone: 'UTC', totals: fate, by_type: [] },
    by_day: [
      { day: '2026-03-09', type: 'info', ...nothing },
      { day: '2026-03-09', type: 'error', ...fate },
      { day: '2026-03-10', type: 'info', ...fate },
      { day: '2026-03-10', type: 'error', ...fate },
    ],
  };

  it('have one value per day of each type, and all that was sent has a fate', () => {
    const names = { info: 'Info', success: 'Success', warning: 'Warning', error: 'Error' };
    const sent = sentByType(analytics, names);
    const delivery = deliveryOf(analytics, { live: 'live', onReturn: 'return', notYet: 'not yet' });

    expect(sent.days).toEqual([Date.UTC(2026, 2, 9, 12) / 1000, Date.UTC(2026, 2, 10, 12) / 1000]);
    expect(sent.stack.map(({ label, values }) => [label, values])).toEqual([
      ['Info', [0, 5]],
      ['Success', [0, 0]],
      ['Warning', [0, 0]],
      ['Error', [5, 5]],
    ]);
    expect(delivery.stack.map(({ values }) => values)).toEqual([
      [2, 4],
      [1, 2],
      [2, 4],
    ]);
  });
});
