/** POST /live/uplink/{connection} [PROTOCOL §14]: whom it reaches, what it takes, and the cursor of a stream that grows. */

import { decodeCursor } from '@fanfare/protocol';
import { connectPoll, connectSse, connectWs } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { type AccessRule, defineSseView, log } from '../../src/index.ts';
import { RawClient, startLive, startWith } from './live-fixture.ts';
import { startWireServer } from './wire-server.ts';

const WAIT = { timeout: 20_000, interval: 5 };

interface Reply {
  readonly status: number;
  readonly body: { readonly frames: readonly Record<string, unknown>[]; readonly error: Record<string, unknown> };
}

async function uplink(
  port: number,
  connection: string,
  body: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<Reply> {
  const response = await fetch(`http://127.0.0.1:${port}/live/uplink/${connection}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

const PING = { type: 'ping' };
const HEARTBEAT = { type: 'heartbeat', time: expect.any(Number) };

async function sse(port: number, query: string, headers: Readonly<Record<string, string>> = {}) {
  const client = RawClient.get(port, `/live/sse?${query}`, headers);
  const [connected] = await client.until('connected');
  const { connection } = JSON.parse(connected?.data ?? '{}');
  return { client, connection, [Symbol.dispose]: () => client[Symbol.dispose]() };
}

describe('the uplink', () => {
  it('takes one bare frame, or up to 64 in order, and answers each in its place', async () => {
    await using server = await startWireServer();
    using stream = await sse(server.port, 'channel=log:a');

    expect(await uplink(server.port, stream.connection, PING)).toEqual({ status: 200, body: { frames: [HEARTBEAT] } });
    const frames = [
      { type: 'subscribe', id: 1, channel: 'open:a' },
      { type: 'publish', id: 2, channel: 'open:a', event: 'said', data: 'hi' },
      { type: 'nonsense', id: 3 },
      7,
      PING,
    ];
    const { body } = await uplink(server.port, stream.connection, { frames });

    expect(body.frames).toMatchObject([
      { type: 'subscribed', id: 1 },
      { type: 'published', id: 2 },
      { type: 'error', code: 'FRAME_INVALID', id: 3 },
      { type: 'error', code: 'FRAME_INVALID' },
      HEARTBEAT,
    ]);
    await stream.client.until('said');
    await uplink(server.port, stream.connection, { type: 'unsubscribe', id: 4, channel: 'open:a' });
    // In the stream stands what has its place among the events, and nothing else.
    await stream.client.until('unsubscribed');
    expect(stream.client.events.map(({ event }) => event)).toEqual([
      'connected',
      'subscribed',
      'subscribed',
      'said',
      'unsubscribed',
    ]);
  });

  it.each<[string, number, string, unknown, Record<string, string>]>([
    ['no frames', 400, 'BATCH_EMPTY', { frames: [] }, {}],
    ['65 frames', 413, 'BATCH_TOO_LARGE', { frames: Array.from({ length: 65 }, () => PING) }, {}],
    ['frames that are no list', 400, 'FIELD_INVALID', { frames: 'ping' }, {}],
    ['more than 64 KiB', 413, 'BODY_TOO_LARGE', { ...PING, pad: 'x'.repeat(66_000) }, {}],
    ['33 levels', 400, 'JSON_TOO_DEEP', `${'['.repeat(33)}${']'.repeat(33)}`, {}],
    ['no JSON', 400, 'JSON_INVALID', '{', {}],
    ['a form', 415, 'CONTENT_TYPE_UNSUPPORTED', PING, { 'Content-Type': 'text/plain' }],
    ['a denied origin', 403, 'ORIGIN_FORBIDDEN', PING, { Origin: 'https://evil.example' }],
    ['a credential that is refused', 401, 'CREDENTIAL_EXPIRED', PING, { Authorization: 'Bearer expired' }],
  ])('refuses a request with %s: %i %s', async (_, status, code, body, headers) => {
    await using server = await startWireServer();
    using stream = await sse(server.port, 'channel=log:a');

    const reply = await uplink(server.port, stream.connection, body, headers);

    expect([reply.status, reply.body.error['code']]).toEqual([status, code]);
    expect(await uplink(server.port, stream.connection, PING)).toMatchObject({ status: 200 });
  });

  it('reaches a connection of the same subject only, and none that does not exist', async () => {
    await using server = await startWireServer();
    using mine = await sse(server.port, 'channel=log:a', { Authorization: 'Bearer user-7' });
    using nobodys = await sse(server.port, 'channel=log:a');
    const as = async (connection: string, user: string): Promise<number> =>
      (await uplink(server.port, connection, PING, user === '' ? {} : { Authorization: `Bearer ${user}` })).status;

    expect(await as(mine.connection, 'user-7')).toBe(200);
    expect(await as(mine.connection, 'user-1')).toBe(404);
    expect(await as(mine.connection, '')).toBe(404);
    expect(await as(nobodys.connection, '')).toBe(200);
    expect(await as(nobodys.connection, 'user-7')).toBe(404);
    expect(await uplink(server.port, 'x'.repeat(22), PING)).toMatchObject({
      status: 404,
      body: { error: { code: 'CONNECTION_UNKNOWN' } },
    });
    mine.client.socket.destroy();
    await vi.waitUntil(async () => (await as(mine.connection, 'user-7')) === 404, WAIT);
  });

  it('reaches no WebSocket, which has its own way, and no view, which has none', async () => {
    await using server = await startLive({
      listener: (live) => (req, res) => {
        if (req.url !== '/view') live.handler(req, res);
        else void live.stream(req, res, { channels: ['log:a'], view });
      },
    });
    const view = defineSseView({ name: 'view', event: ({ event, dataJson }) => ({ event, dataJson }) });
    server.live.attach(server.server);
    using socket = await connectWs({ port: server.port, channels: ['log:a'] });
    using stream = RawClient.get(server.port, '/view');
    await vi.waitUntil(() => server.live.connections().length === 2, WAIT);
    expect([socket.closed, stream.closed]).toEqual([false, false]);

    for (const { id } of server.live.connections()) expect((await uplink(server.port, id, PING)).status).toBe(404);
  });

  it('refreshes an identity with the token of the frame, and not with that of its own request', async () => {
    await using server = await startWireServer();
    using stream = await sse(server.port, 'channel=log:a', { Authorization: 'Bearer user-7' });
    const headers = { Authorization: 'Bearer user-7' };
    const asked = { frames: [{ type: 'subscribe', id: 1, channel: 'staff:a' }] };

    const before = await uplink(server.port, stream.connection, asked, headers);
    const frames = [{ type: 'auth', id: 2, token: 'user-7+staff' }, ...asked.frames];
    const after = await uplink(server.port, stream.connection, { frames }, headers);

    expect(before.body.frames).toMatchObject([{ code: 'FORBIDDEN' }]);
    expect(after.body.frames).toMatchObject([{ type: 'authenticated', subject: 'user-7' }, { type: 'subscribed' }]);
  });

  it('subscribes once where two requests ask at the same time', async () => {
    const admitted: (() => void)[] = [];
    const access: AccessRule = ({ channel }) =>
      channel === 'log:a'
        ? { allow: true }
        : new Promise((resolve) => {
            admitted.push(() => resolve({ allow: true }));
          });
    await using server = await startWith({ channels: { 'log:{id}': log({ access }) } });
    using stream = await sse(server.port, 'channel=log:a');
    const asking = [1, 2].map((id) =>
      uplink(server.port, stream.connection, { type: 'subscribe', id, channel: 'log:b' }),
    );
    await vi.waitUntil(() => admitted.length === 2, WAIT);

    for (const admit of admitted) admit();
    const answers = (await Promise.all(asking)).map(({ body }) => body.frames[0]);

    expect(answers.map((answer) => answer?.['code'] ?? answer?.['type']).toSorted()).toEqual([
      'ALREADY_SUBSCRIBED',
      'subscribed',
    ]);
    expect(server.live.stats().subscriptions).toBe(2);
  });

  it('answers the rest with CLOSED when the connection ends in the middle', async () => {
    await using server = await startWireServer();
    using stream = await sse(server.port, 'channel=log:a');
    const frames = Array.from({ length: 64 }, () => PING);
    const replies: Reply[] = [];

    while (replies.length < 40 && replies.at(-1)?.status !== 404) {
      replies.push(await uplink(server.port, stream.connection, { frames }));
    }

    const last = replies
      .filter(({ status }) => status === 200)
      .at(-1)
      ?.body.frames.at(-1);
    expect(last).toMatchObject({ type: 'error', code: 'CLOSED', retry: true });
    const [close] = await stream.client.until('close');
    expect(JSON.parse(close?.data ?? '')).toMatchObject({ code: 3007 });
  });

  it('takes commands over every wire that needs it', async () => {
    await using server = await startWireServer();
    for (const connect of [connectSse, connectPoll]) {
      using client = await connect({ port: server.port, channels: ['log:a'] });
      expect(await client.command({ type: 'ping' })).toEqual(HEARTBEAT);
    }
  });
});

describe('a bare stream of one channel that gets another', () => {
  it('goes on with cursors of both, and resumes from each of them by its own URL', async () => {
    await using server = await startWireServer();
    const publish = (channel: string, data: unknown) => server.live.api.publish({ channel, event: 'e', data });
    await publish('log:b', 'before');
    using stream = await sse(server.port, 'channel=log:a');
    await publish('log:a', 1);
    await stream.client.until('e');
    expect(stream.client.events.at(-1)?.id).toMatch(/^\w+\.\w+$/);

    await uplink(server.port, stream.connection, { type: 'subscribe', id: 1, channel: 'log:b' });
    await publish('log:a', 2);
    await publish('log:b', 3);
    const events = await stream.client.until('e', 3);
    await uplink(server.port, stream.connection, { type: 'unsubscribe', id: 2, channel: 'log:a' });
    const [left] = await stream.client.until('unsubscribed');

    const [, joined] = stream.client.named('subscribed').map(({ id }) => decodeCursor(id));
    const [, second, third] = events.map(({ id }) => decodeCursor(id));
    for (const cursor of [second, third]) expect(cursor).toMatchObject({ ok: true });
    const offsets = (cursor: typeof second, ...names: string[]) =>
      names.map((name) => (cursor?.ok === true ? cursor.value.position(name)?.offset : 'no cursor'));
    expect(offsets(joined, 'log:a', 'log:b')).toEqual([1, 1]);
    expect(offsets(second, 'log:a', 'log:b')).toEqual([2, 1]);
    expect(offsets(third, 'log:a', 'log:b')).toEqual([2, 2]);
    expect(offsets(decodeCursor(left?.id ?? ''), 'log:a', 'log:b')).toEqual([undefined, 2]);

    await publish('log:a', 4);
    using back = RawClient.get(server.port, '/live/sse?channel=log:a', {
      'Last-Event-ID': third ? (events[2]?.id ?? '') : '',
    });
    await back.until('e');
    expect(back.named('recovered')).toHaveLength(1);
    expect(back.frames('e').map(({ data }) => data)).toEqual([4]);
  });

  it('never passes the position of another channel off as its own', async () => {
    await using server = await startWireServer();
    const publish = (channel: string, data: unknown) => server.live.api.publish({ channel, event: 'e', data });
    for (let n = 0; n < 5; n += 1) await publish('log:b', n);
    await publish('log:a', 'one');
    using stream = await sse(server.port, 'channel=log:a');
    await uplink(server.port, stream.connection, { type: 'unsubscribe', channel: 'log:a' });
    await uplink(server.port, stream.connection, { type: 'subscribe', channel: 'log:b' });
    await publish('log:b', 'six');
    const [event] = await stream.client.until('e');

    // What a bare EventSource does: its own URL, the last id. It was told nothing of log:a since it gave it up.
    using back = RawClient.get(server.port, '/live/sse?channel=log:a', { 'Last-Event-ID': event?.id ?? '' });
    const [subscribed] = await back.until('subscribed');
    expect(JSON.parse(subscribed?.data ?? '')).not.toHaveProperty('recovered');
  });
});

describe('a stream without ids', () => {
  it('has none on any block, with one channel or many, and resumes by position', async () => {
    await using server = await startWireServer();
    const first = await server.live.api.publish({ channel: 'log:a', event: 'e', data: 1 });
    await server.live.api.publish({ channel: 'log:a', event: 'e', data: 2 });
    using one = RawClient.get(server.port, `/live/sse?channel=log:a@${first.position}&ids=no`);
    using many = RawClient.get(server.port, '/live/sse?channel=log:a&channel=state:b&ids=no');
    await one.until('e');
    await many.until('subscribed', 2);
    await server.live.api.set({ channel: 'state:b', data: 1 });
    await many.until('state');

    expect(one.frames('e').map(({ data }) => data)).toEqual([2]);
    for (const { body } of [one, many]) expect(body).not.toMatch(/^id:/m);
  });
});
