/** Every row of the contract, against a running server. */
import { StreamReader } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { BAO, KEY, LINH, list, login, ok, send, startInbox, streamOf, trigger } from './inbox-support.ts';

describe('GET /api/notifications/', () => {
  it('is the user’s own list, newest first, with the unread count and a cursor to what is older', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    for (let n = 1; n <= 5; n += 1) await trigger(running.url, { user_id: LINH, title: `n${n}` });
    await trigger(running.url, { user_id: BAO, title: 'for somebody else' });

    const first = await list(running.url, bearer, '?limit=2');
    const second = await list(running.url, bearer, `?limit=2&before=${first.next}`);
    const third = await list(running.url, bearer, `?limit=2&before=${second.next}`);

    const pages = [first, second, third].map(({ items }) => items.map(({ title }) => title));
    expect(pages).toEqual([['n5', 'n4'], ['n3', 'n2'], ['n1']]);
    expect([first.next, second.next, third.next]).toEqual([first.items[1]?.id, second.items[1]?.id, null]);
    expect([first.unread, third.unread]).toEqual([5, 5]);
  });

  it('shows what is unread alone, where that is asked for', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const { ids } = await trigger(running.url, { user_id: LINH, title: 'old' });
    await trigger(running.url, { user_id: LINH, title: 'new' });
    await ok(send('POST', `${running.url}/api/notifications/${ids[0]}/read/`, undefined, bearer));

    expect((await list(running.url, bearer, '?unread=true')).items.map(({ title }) => title)).toEqual(['new']);
    expect((await list(running.url, bearer, '?unread=false')).items).toHaveLength(2);
  });

  it('answers whoever polls with 304 until something changes', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const url = `${running.url}/api/notifications/`;
    const first = await send('GET', url, undefined, bearer);
    const held = { ...bearer, 'if-none-match': first.headers.get('etag') ?? '' };

    expect((await send('GET', url, undefined, held)).status).toBe(304);
    await trigger(running.url, { user_id: LINH });
    expect((await send('GET', url, undefined, held)).status).toBe(200);
  });
});

describe('GET /api/notifications/stream/', () => {
  it('brings the count at once, then each notification and each count, with every field of the contract', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    using stream = await StreamReader.open(streamOf(running.url), bearer);
    expect((await stream.first('unread')).data).toStrictEqual({ count: 0 });

    const said = {
      title: 'Lịch đổi',
      message: 'Sân 2\n15:30',
      type: 'warning',
      url: '/scoreboard',
      data: { court: 2 },
    };
    const { notification } = await trigger(running.url, { user_id: LINH, ...said });

    expect((await stream.first('notification')).data).toStrictEqual({
      ...{ id: notification?.id, user_id: LINH, ...said },
      ...{ created_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/), read_at: null },
    });
    expect((await stream.count('unread', 2))[1]?.data).toStrictEqual({ count: 1 });
    expect(stream.response?.headers.get('content-type')).toMatch('text/event-stream');
    expect(stream.response?.headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(stream.response?.headers.get('x-accel-buffering')).toBe('no');
  });

  it('leaves out url and data where the sender did', async () => {
    await using running = await startInbox();

    const { notification } = await trigger(running.url, { user_id: LINH });

    expect(Object.keys(notification ?? {}).sort()).toEqual([
      'created_at',
      'id',
      'message',
      'read_at',
      'title',
      'type',
      'user_id',
    ]);
  });

  it('is resumed by Last-Event-ID: what was missed comes once and in order, and the count after it', async () => {
    await using running = await startInbox();
    const { cookie } = await login(running.url, 'spectator');
    const before = await StreamReader.open(streamOf(running.url), cookie);
    await trigger(running.url, { user_id: LINH, title: 'seen' });
    await before.count('unread', 2);
    before.close();
    for (let n = 1; n <= 30; n += 1) await trigger(running.url, { user_id: LINH, title: `missed ${n}` });

    using after = await StreamReader.open(streamOf(running.url), { ...cookie, 'last-event-id': before.lastId });
    await after.count('notification', 30);
    await trigger(running.url, { user_id: LINH, title: 'live' });
    await after.count('notification', 31);

    const titles = after.of('notification').map(({ data }) => data['title']);
    expect(titles).toEqual([...Array.from({ length: 30 }, (_, n) => `missed ${n + 1}`), 'live']);
    expect(after.of('unread').at(-1)?.data).toEqual({ count: 32 });
  });

  it('says that what was missed is gone, where it is', async () => {
    await using running = await startInbox();
    const { cookie } = await login(running.url, 'spectator');

    using stream = await StreamReader.open(streamOf(running.url), { ...cookie, 'last-event-id': 'of-another-server' });

    expect((await stream.first('lost')).data).toEqual({ cause: expect.any(String) });
  });
});

describe('POST /api/notifications/trigger/', () => {
  it('reaches one, many, and everybody with a role, each once', async () => {
    await using running = await startInbox();
    const more = await running.accounts.createUser({ username: 'mai', password: 'demo', roles: ['spectator'] });

    const one = await trigger(running.url, { user_id: LINH });
    const many = await trigger(running.url, { user_ids: [LINH, BAO, LINH] });
    const role = await trigger(running.url, { role: 'spectator' });
    const nobody = await trigger(running.url, { role: 'staff' });

    expect([one.sent, many.sent, role.sent, nobody.sent]).toEqual([1, 2, 2, 0]);
    expect(many).not.toHaveProperty('notification');
    const { bearer } = await login(running.url, 'mai');
    expect((await list(running.url, bearer)).items.map(({ id, user_id }) => [id, user_id])).toEqual([
      [role.ids[1], more.id],
    ]);
  });

  it('is for staff and for services with the API key', async () => {
    await using running = await startInbox();
    const admin = await login(running.url, 'admin');
    const boss = await running.accounts.createUser({ username: 'boss', password: 'demo', roles: ['staff'] });
    const staff = await login(running.url, 'boss');

    expect(boss.roles).toEqual(['staff']);
    for (const headers of [admin.bearer, admin.cookie, staff.bearer, KEY, { authorization: KEY['x-api-key'] ?? '' }]) {
      const answer = await send(
        'POST',
        `${running.url}/api/notifications/trigger/`,
        { user_id: LINH, title: 'x' },
        headers,
      );
      expect(answer.status).toBe(headers['authorization'] === KEY['x-api-key'] ? 401 : 201);
    }
    await trigger(running.url, { user_id: LINH }, { authorization: `Bearer ${KEY['x-api-key']}` });
  });

  it('sends once however often it is repeated with its key, in the body or as a header', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const order = { user_ids: [LINH, BAO], title: 'Once', idempotency_key: 'invoice-7' };

    const first = await trigger(running.url, order);
    const again = await Promise.all([
      trigger(running.url, order),
      trigger(running.url, { user_ids: [LINH], title: 'Once' }, { ...KEY, 'idempotency-key': 'invoice-7' }),
    ]);

    expect(first).toMatchObject({ sent: 2, duplicates: 0 });
    expect(again).toMatchObject([
      { sent: 0, duplicates: 2, ids: first.ids },
      { sent: 0, duplicates: 1, ids: [first.ids[0]] },
    ]);
    expect((await list(running.url, bearer)).items).toHaveLength(1);
  });

  it('gives ids that grow in the order of the calls', async () => {
    await using running = await startInbox();

    const sent = await Promise.all(
      Array.from({ length: 20 }, (_, n) => trigger(running.url, { user_ids: [LINH, BAO], title: `${n}` })),
    );

    const ids = sent.flatMap((one) => one.ids);
    expect(new Set(ids).size).toBe(40);
    for (const {
      ids: [linh = 0, bao = 0],
    } of sent)
      expect(bao).toBe(linh + 1);
    const { bearer } = await login(running.url, 'spectator');
    const listed = (await list(running.url, bearer, '?limit=100')).items.map(({ id }) => id);
    expect(listed).toEqual([...listed].sort((a, b) => b - a));
  });
});

describe('POST /api/notifications/{id}/read/ and /read-all/', () => {
  it('tells all streams of the user what was read, and the count that is left', async () => {
    await using running = await startInbox();
    const { bearer, cookie } = await login(running.url, 'spectator');
    const { ids } = await trigger(running.url, { user_id: LINH });
    await trigger(running.url, { user_id: LINH });
    using phone = await StreamReader.open(streamOf(running.url), bearer);
    using desk = await StreamReader.open(streamOf(running.url), cookie);
    await Promise.all([phone.first('unread'), desk.first('unread')]);

    const answer = await ok(send('POST', `${running.url}/api/notifications/${ids[0]}/read/`, undefined, bearer));

    expect(answer).toEqual({ id: ids[0], read_at: expect.any(String), unread: 1 });
    for (const stream of [phone, desk]) {
      expect((await stream.first('read')).data).toEqual({ ids: [ids[0]], read_at: expect.any(String) });
      expect((await stream.count('unread', 2))[1]?.data).toEqual({ count: 1 });
    }
  });

  it('keeps the first time, and tells nobody a second time', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const { ids } = await trigger(running.url, { user_id: LINH });
    const url = `${running.url}/api/notifications/${ids[0]}/read/`;
    const first = await ok<{ read_at: string }>(send('POST', url, undefined, bearer));

    const again = await ok<{ read_at: string }>(send('POST', url, undefined, bearer));

    expect(again).toEqual(first);
    const history = await running.live.channel(`inbox:${LINH}`).history();
    expect(history).toMatchObject({ events: [{ event: 'notification' }, { event: 'read' }] });
  });

  it('read-all leaves unread what came after the id that the user has seen', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const { ids } = await trigger(running.url, { user_id: LINH });
    await trigger(running.url, { user_id: LINH, title: 'came meanwhile' });
    const url = `${running.url}/api/notifications/read-all/`;

    expect(await ok(send('POST', url, { up_to: ids[0] }, bearer))).toEqual({ read: 1, unread: 1 });
    expect(await ok(send('POST', url, undefined, bearer))).toEqual({ read: 1, unread: 0 });
    expect(await ok(send('POST', url, {}, bearer))).toEqual({ read: 0, unread: 0 });
  });
});

describe('GET and PUT /api/notifications/preferences/', () => {
  it('has a default, changes what is sent alone, and tells all streams', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const url = `${running.url}/api/notifications/preferences/`;
    using stream = await StreamReader.open(streamOf(running.url), bearer);
    const before = await ok<Record<string, unknown>>(send('GET', url, undefined, bearer));

    const change = { types: { success: { sound: false } }, quiet_hours: { on: true, time_zone: 'Europe/Paris' } };
    const after = await ok(send('PUT', url, change, bearer));

    expect(before).toMatchObject({ types: { success: { on: true, sound: true } }, quiet_hours: { on: false } });
    expect(after).toEqual({
      types: { ...(before['types'] as object), success: { on: true, sound: false } },
      quiet_hours: { on: true, from: '22:00', to: '07:00', time_zone: 'Europe/Paris' },
    });
    expect(await ok(send('GET', url, undefined, bearer))).toEqual(after);
    expect((await stream.first('preferences')).data).toEqual(after);
  });

  it('makes nothing of a type that the user has turned off, and tells the sender', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    await ok(send('PUT', `${running.url}/api/notifications/preferences/`, { types: { info: { on: false } } }, bearer));

    const sent = await trigger(running.url, { user_ids: [LINH, BAO], type: 'info' });
    await trigger(running.url, { user_id: LINH, type: 'error' });

    expect(sent).toMatchObject({ sent: 1, muted: [LINH] });
    expect((await list(running.url, bearer)).items.map(({ type }) => type)).toEqual(['error']);
  });
});
