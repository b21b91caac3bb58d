/** Live or on return: the analytics know how each notification reached its user. */
import { connectWs, StreamReader } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { BAO, LINH, list, login, ok, type RunningInbox, send, startInbox, streamOf, trigger } from './inbox-support.ts';

async function fates(running: RunningInbox) {
  const { bearer } = await login(running.url, 'admin');
  const { totals } = await ok<{ totals: Record<string, number> }>(
    send('GET', `${running.url}/api/notifications/analytics/`, undefined, bearer),
  );
  return { live: totals['delivered_live'], onReturn: totals['delivered_on_reconnect'], sent: totals['sent'] };
}

async function becomes(
  running: RunningInbox,
  expected: { live: number; onReturn: number; sent: number },
): Promise<void> {
  await expect.poll(() => fates(running), { timeout: 5000 }).toEqual(expected);
}

describe('a notification counts as delivered', () => {
  it('live to whoever is connected, and not at all to whoever is not', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    using stream = await StreamReader.open(streamOf(running.url), bearer);
    await stream.first('unread');

    await trigger(running.url, { user_ids: [LINH, BAO] });

    await becomes(running, { sent: 2, live: 1, onReturn: 0 });
  });

  it('on return to a stream that comes back with its last id, and live from then on', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const before = await StreamReader.open(streamOf(running.url), bearer);
    await trigger(running.url, { user_id: LINH });
    await before.count('unread', 2);
    before.close();
    await expect.poll(() => running.live.stats().connections).toBe(0);
    await trigger(running.url, { user_id: LINH });
    await trigger(running.url, { user_id: LINH });
    await becomes(running, { sent: 3, live: 1, onReturn: 0 });

    using after = await StreamReader.open(streamOf(running.url), { ...bearer, 'last-event-id': before.lastId });
    await after.count('notification', 2);
    await trigger(running.url, { user_id: LINH });

    await becomes(running, { sent: 4, live: 2, onReturn: 2 });
  });

  it('on return by reading the list, and by a first connect', async () => {
    await using running = await startInbox();
    const linh = await login(running.url, 'spectator');
    const bao = await login(running.url, 'organiser');
    await trigger(running.url, { user_ids: [LINH, BAO] });

    await list(running.url, linh.bearer);
    await becomes(running, { sent: 2, live: 0, onReturn: 1 });
    using stream = await StreamReader.open(streamOf(running.url), bao.bearer);
    await stream.first('unread');

    await becomes(running, { sent: 2, live: 0, onReturn: 2 });
  });

  it('live over a WebSocket', async () => {
    await using running = await startInbox();
    const { token } = await login(running.url, 'spectator');
    const port = Number(new URL(running.url).port);
    using wire = await connectWs({ port, token, channels: [`inbox:${LINH}`] });
    await expect.poll(() => wire.frames.some(({ type }) => type === 'subscribed')).toBe(true);

    await trigger(running.url, { user_id: LINH });

    await becomes(running, { sent: 1, live: 1, onReturn: 0 });
  });

  it('live by a client that polls, also where it comes between two polls', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const poll = (cursor: string, wait: number) =>
      ok<{ cursor: string; events: { event: string }[] }>(
        send('GET', `${running.url}/live/poll?channel=inbox:${LINH}&wait=${wait}&cursor=${cursor}`, undefined, bearer),
      );
    const begin = await poll('', 0);

    const waiting = poll(begin.cursor, 20_000);
    await expect.poll(() => running.live.stats().connections).toBe(1);
    await trigger(running.url, { user_id: LINH });
    const first = await waiting;
    await trigger(running.url, { user_id: LINH });
    const second = await poll(first.cursor, 0);

    expect([first, second].map(({ events }) => events.map(({ event }) => event))).toEqual([
      ['notification'],
      ['notification'],
    ]);
    await becomes(running, { sent: 2, live: 2, onReturn: 0 });
  });

  it('live, where the server was killed before it could write that down and the client says that it has it', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const stream = await StreamReader.open(streamOf(running.url), bearer);
    await stream.first('unread');
    await running.inbox.stop(); // Nothing is written down from here on, as in a process that has a moment to live.
    await trigger(running.url, { user_id: LINH });
    await stream.count('unread', 2);
    const { folder } = running;
    await running.stop();

    await using next = await startInbox({ folder });
    const login2 = await login(next.url, 'spectator');
    using after = await StreamReader.open(streamOf(next.url), { ...login2.bearer, 'last-event-id': stream.lastId });
    await after.first('unread');

    await becomes(next, { sent: 1, live: 1, onReturn: 0 });
    expect(after.of('notification')).toEqual([]);
  });
});

describe('the live counters', () => {
  it('follow what happens while a staff page watches', async () => {
    await using running = await startInbox();
    const admin = await login(running.url, 'admin');
    const { bearer } = await login(running.url, 'spectator');
    using staff = await StreamReader.open(`${running.url}/live/sse?channel=inbox-counters`, admin.bearer);
    expect((await staff.first('state')).data['data']).toMatchObject({ sent: 0, users_connected: 0 });
    using stream = await StreamReader.open(streamOf(running.url), bearer);
    await stream.first('unread');

    const { ids } = await trigger(running.url, { user_id: LINH });
    await ok(send('POST', `${running.url}/api/notifications/${ids[0]}/read/`, undefined, bearer));

    await expect
      .poll(() => staff.of('state').at(-1)?.data['data'], { timeout: 5000 })
      .toMatchObject({ sent: 1, delivered_live: 1, delivered_on_reconnect: 0, read: 1, users_connected: 1 });
  });

  it('and what is delivered go on once the rows can be read again', async () => {
    await using running = await startInbox();
    const { live, faults, url } = running;
    const admin = await login(url, 'admin');
    const { bearer } = await login(url, 'spectator');
    const inbox = `${url}/live/sse?channel=inbox:${LINH}`;
    using staff = await StreamReader.open(`${url}/live/sse?channel=inbox-counters`, admin.bearer);
    await staff.first('state');
    const rename = (from: string, to: string) =>
      live.transaction(({ database }) => database.exec(`ALTER TABLE ${from} RENAME TO ${to}`));

    await rename('inbox_notifications', 'out_of_reach');
    using unread = await StreamReader.open(inbox, bearer);
    await unread.first('subscribed');
    await expect.poll(() => faults.length, { timeout: 20_000 }).toBeGreaterThanOrEqual(2);
    await rename('out_of_reach', 'inbox_notifications');
    await trigger(url, { user_id: LINH });

    await expect
      .poll(() => staff.of('state').at(-1)?.data['data'], { timeout: 20_000 })
      .toMatchObject({ sent: 1, delivered_live: 1, users_connected: 1 });
  });
});
