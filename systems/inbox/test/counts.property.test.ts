/** Unread counts against a model, under random triggers and reads at once, over HTTP, with restarts in between. */
import type { Note } from '@fanfare-systems/inbox';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { BAO, LINH, list, login, ok, type RunningInbox, send, startInbox, trigger } from './inbox-support.ts';

type Act =
  | { readonly kind: 'send'; readonly to: readonly number[] }
  | { readonly kind: 'read'; readonly user: number; readonly nth: number }
  | { readonly kind: 'read-all'; readonly user: number; readonly upToNth: number };

const user = fc.constantFrom(LINH, BAO);
const act: fc.Arbitrary<Act> = fc.oneof(
  fc.record({ kind: fc.constant('send' as const), to: fc.uniqueArray(user, { minLength: 1 }) }),
  fc.record({ kind: fc.constant('read' as const), user, nth: fc.nat(20) }),
  fc.record({ kind: fc.constant('read-all' as const), user, upToNth: fc.nat(20) }),
);
/** Acts of one group are under way together. */
const groups = fc.array(fc.array(act, { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 5 });

const NAMES = new Map([
  [LINH, 'spectator'],
  [BAO, 'organiser'],
]);

async function headersOf(running: RunningInbox): Promise<ReadonlyMap<number, Readonly<Record<string, string>>>> {
  const logins = [...NAMES].map(async ([id, name]) => [id, (await login(running.url, name)).bearer] as const);
  return new Map(await Promise.all(logins));
}

/** What a model of the user's list says, made from the user's own log: the only record of what happened, in the order in which it did. */
async function modelOf(running: RunningInbox, userId: number): Promise<ReadonlyMap<number, boolean>> {
  const page = await running.live.channel(`inbox:${userId}`).history({ limit: 1000 });
  if (page.kind === 'gap') throw new Error('the log of the test is whole');
  const unread = new Map<number, boolean>();
  for (const told of page.events) {
    if (told.event === 'notification') unread.set(told.data.id, true);
    if (told.event !== 'read') continue;
    const { ids = [], up_to: upTo = 0 } = told.data;
    for (const id of unread.keys()) if (ids.includes(id) || id <= upTo) unread.set(id, false);
  }
  return unread;
}

it('never drift, and list, log and count agree whatever happens at once', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(groups, async (script) => {
      await using running = await startInbox();
      const headers = await headersOf(running);
      const known = new Map<number, number[]>([
        [LINH, []],
        [BAO, []],
      ]);
      const counts: number[] = [];
      const run = async (one: Act): Promise<void> => {
        if (one.kind === 'send') {
          const { ids } = await trigger(running.url, { user_ids: one.to });
          one.to.forEach((id, index) => void known.get(id)?.push(ids[index] ?? 0));
          return;
        }
        const ids = known.get(one.user) ?? [];
        const bearer = headers.get(one.user) ?? {};
        const id = ids[(one.kind === 'read' ? one.nth : one.upToNth) % Math.max(1, ids.length)];
        if (id === undefined) return;
        const base = `${running.url}/api/notifications`;
        const { unread } = await ok<{ unread: number }>(
          one.kind === 'read'
            ? send('POST', `${base}/${id}/read/`, undefined, bearer)
            : send('POST', `${base}/read-all/`, { up_to: id }, bearer),
        );
        counts.push(unread);
      };
      for (const group of script) await Promise.all(group.map(run));

      for (const userId of NAMES.keys()) {
        const model = await modelOf(running, userId);
        const { items, unread } = await list(running.url, headers.get(userId) ?? {}, '?limit=100');
        const isUnread = ({ read_at }: Note): boolean => read_at === null;
        expect(new Map(items.map((note) => [note.id, isUnread(note)]))).toEqual(model);
        expect(items.map(({ id }) => id)).toEqual([...model.keys()].sort((a, b) => b - a));
        expect([...model.keys()]).toEqual([...model.keys()].sort((a, b) => a - b));
        expect(unread).toBe([...model.values()].filter(Boolean).length);
        const told = await running.live.channel(`inbox-unread:${userId}`).get();
        expect(told?.count ?? 0).toBe(unread);
      }
      for (const count of counts) expect(count).toBeGreaterThanOrEqual(0);
    }),
    { numRuns: 25 },
  );
});
