/** What is kept no longer goes, and the counts go with it. */
import { StreamReader } from '@fanfare/testkit';
import { expect, it } from 'vitest';
import { BAO, LINH, list, login, ok, send, startInbox, streamOf, trigger } from './inbox-support.ts';

const DAY_MS = 86_400_000;

it('removes what is older than the inbox keeps at the next start, and tells the new count', async () => {
  const clock = { now: Date.parse('2026-03-10T03:00:00Z') };
  const now = () => clock.now;
  await using before = await startInbox({ now, keepDays: 30 });
  await trigger(before.url, { user_ids: [LINH, BAO], title: 'old' });
  clock.now += 20 * DAY_MS;
  await trigger(before.url, { user_id: LINH, title: 'younger' });
  const { folder } = before;
  await before.stop();
  clock.now += 11 * DAY_MS;

  await using after = await startInbox({ now, keepDays: 30, folder });

  const { bearer } = await login(after.url, 'spectator');
  expect(await list(after.url, bearer)).toMatchObject({ unread: 1, items: [{ title: 'younger' }] });
  using stream = await StreamReader.open(streamOf(after.url), bearer);
  expect((await stream.first('unread')).data).toEqual({ count: 1 });
  expect(await after.live.channel(`inbox-unread:${BAO}`).get()).toEqual({ count: 0 });
});

it('keeps no more than so many of one user, the newest', async () => {
  await using before = await startInbox({ keepPerUser: 3 });
  const { bearer } = await login(before.url, 'spectator');
  for (let n = 1; n <= 5; n += 1) await trigger(before.url, { user_ids: [LINH, BAO], title: `${n}` });
  const { ids } = await trigger(before.url, { user_id: LINH, title: '6' });
  await ok(send('POST', `${before.url}/api/notifications/${ids[0]}/read/`, undefined, bearer));
  const { folder } = before;
  await before.stop();

  await using after = await startInbox({ keepPerUser: 3, folder });

  const again = await login(after.url, 'spectator');
  const { items, unread } = await list(after.url, again.bearer);
  expect(items.map(({ title }) => title)).toEqual(['6', '5', '4']);
  expect(unread).toBe(2);
  expect(await after.live.channel(`inbox-unread:${LINH}`).get()).toEqual({ count: 2 });
  expect(await after.live.channel(`inbox-unread:${BAO}`).get()).toEqual({ count: 3 });
});
