/** What staff see: analytics by type and day, how clients connect, whom there is. */
import { StreamReader } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { ADMIN, BAO, LINH, login, ok, send, startInbox, streamOf, trigger } from './inbox-support.ts';

describe('GET /api/notifications/analytics/', () => {
  it('counts per type and day what was sent and read, and how long that took', async () => {
    const clock = { now: Date.parse('2026-03-10T03:00:00Z') };
    await using running = await startInbox({ now: () => clock.now });
    const admin = await login(running.url, 'admin');
    const { bearer } = await login(running.url, 'spectator');
    const read = async (id: number | undefined, afterMs: number) => {
      clock.now += afterMs;
      await ok(send('POST', `${running.url}/api/notifications/${id}/read/`, undefined, bearer));
      clock.now -= afterMs;
    };
    const first = await trigger(running.url, { user_id: LINH, type: 'info' });
    const second = await trigger(running.url, { user_id: LINH, type: 'info' });
    await trigger(running.url, { user_id: BAO, type: 'error' });
    await read(first.ids[0], 10_000);
    await read(second.ids[0], 20_000);
    // 23:30 in Hanoi is still the same day there; in UTC so it is as well, but 00:30 in Hanoi is not.
    clock.now = Date.parse('2026-03-10T17:30:00Z');
    await trigger(running.url, { user_id: LINH, type: 'info' });

    const url = `${running.url}/api/notifications/analytics/?days=2&time_zone=Asia/Ho_Chi_Minh`;
    const answer = await ok<Record<string, unknown>>(send('GET', url, undefined, admin.bearer));

    expect(answer).toMatchObject({
      from: '2026-03-10',
      to: '2026-03-11',
      time_zone: 'Asia/Ho_Chi_Minh',
      totals: { sent: 4, read: 2, median_seconds_to_read: 15 },
    });
    expect(answer['by_type']).toMatchObject([
      { type: 'info', sent: 3, read: 2, median_seconds_to_read: 15 },
      { type: 'success', sent: 0, read: 0, median_seconds_to_read: null },
      { type: 'warning', sent: 0 },
      { type: 'error', sent: 1, read: 0, median_seconds_to_read: null },
    ]);
    const days = (answer['by_day'] as { day: string; type: string; sent: number }[]).filter(({ sent }) => sent > 0);
    expect(days).toMatchObject([
      { day: '2026-03-10', type: 'info', sent: 2 },
      { day: '2026-03-10', type: 'error', sent: 1 },
      { day: '2026-03-11', type: 'info', sent: 1 },
    ]);
  });
});

describe('GET and PUT /api/notifications/transports/, GET /recipients/', () => {
  it('are what the staff page needs', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'admin');
    const url = `${running.url}/api/notifications/transports/`;
    using _stream = await StreamReader.open(streamOf(running.url), bearer);

    expect(await ok(send('GET', url, undefined, bearer))).toEqual({
      ...{ transports: ['ws', 'sse', 'poll'], available: ['ws', 'sse', 'poll'], connections: { inbox: 1 } },
    });
    expect(await ok(send('PUT', url, { transports: ['poll'] }, bearer))).toMatchObject({ transports: ['poll'] });
    expect(running.live.transports).toEqual(['poll']);
    expect((await running.live.audit.read()).entries).toMatchObject([
      { actor: `user:${ADMIN}`, action: 'set-transports', details: { transports: ['poll'] } },
    ]);
    const people = await ok<{ users: { id: number }[] }>(
      send('GET', `${running.url}/api/notifications/recipients/`, undefined, bearer),
    );
    expect(people.users[0]).toEqual({ id: ADMIN, username: 'admin', name: expect.any(String), roles: ['admin'] });
  });
});
