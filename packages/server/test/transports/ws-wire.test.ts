/** /live/ws over real sockets: the upgrade, frames both ways, the end [PROTOCOL: WebSocket]. */
import { connect } from 'node:net';
import { describe, expect, it, vi } from 'vitest';
import { FanfareError, log, signal, state, type } from '../../src/index.ts';
import { startLive, startWith } from './live-fixture.ts';
import { WsClient } from './ws-client.ts';

const DEADLINE = { timeout: 15_000, interval: 5 };
const ALLOW = () => ({ allow: true }) as const;

describe('the upgrade', () => {
  it('greets at once, and echoes only the protocol', async () => {
    await using server = await startLive();
    using client = new WsClient(server.port, { protocols: ['fanfare.v1', 'bearer.YQ'] });

    const { connection, heartbeatMs } = await client.frame('connected');

    expect(connection).toMatch(/^[\w-]{16,}$/);
    expect(heartbeatMs).toBe(20_000);
    expect(client.socket.protocol).toBe('fanfare.v1');
  });

  it('is refused with 403 for a foreign Origin, and allowed for a listed one', async () => {
    await using server = await startLive({ allowedOrigins: ['https://ours.example'] });
    using foreign = new WsClient(server.port, { headers: { origin: 'https://evil.example' } });
    using nobody = new WsClient(server.port, { headers: { origin: 'null' } });
    using listed = new WsClient(server.port, { headers: { origin: 'https://ours.example' } });
    using same = new WsClient(server.port, { headers: { origin: server.url } });

    await listed.opened();
    await same.opened();
    await foreign.ended();
    await nobody.ended();

    expect([foreign.status, nobody.status]).toEqual([403, 403]);
    expect(server.live.stats().connections).toBe(2);
  });

  it('is asked for where somebody comes without', async () => {
    await using server = await startLive();

    const answer = await fetch(`${server.url}/live/ws`);

    expect([answer.status, await answer.json()]).toMatchObject([426, { error: { code: 'UPGRADE_REQUIRED' } }]);
  });

  it('of another path is 404, unless somebody else listens', async () => {
    await using server = await startLive();
    using lost = new WsClient(server.port, { path: '/elsewhere' });
    await lost.ended();
    expect(lost.status).toBe(404);

    const others = vi.fn((_req, socket) => socket.end('HTTP/1.1 418 Teapot\r\nConnection: close\r\n\r\n'));
    await using shared = await startLive();
    shared.server.removeAllListeners('upgrade');
    shared.live.attach(shared.server);
    shared.server.on('upgrade', (req, socket) => req.url === '/elsewhere' && others(req, socket));
    using theirs = new WsClient(shared.port, { path: '/elsewhere' });
    using ours = new WsClient(shared.port);
    await theirs.ended();
    await ours.opened();
    expect([theirs.status, others.mock.calls.length]).toEqual([418, 1]);
  });
});

describe('who asks', () => {
  const authenticate = (request: { headers: { authorization?: string | undefined; cookie?: string | undefined } }) => {
    const { authorization, cookie } = request.headers;
    if (authorization === 'Bearer bad') throw new FanfareError('UNAUTHENTICATED');
    if (authorization === 'Bearer broken') throw new Error('the key store is away');
    const subject = authorization?.replace('Bearer ', '') ?? cookie?.replace('user=', '');
    return subject === undefined ? undefined : { subject, roles: [] };
  };
  const channels = {
    'inbox:{user}': log({
      access: ({ identity, params }) =>
        identity?.subject === params['user'] ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
    }),
  };

  it.each([
    ['the Authorization header', { headers: { authorization: 'Bearer 7' } }],
    ['a cookie', { headers: { cookie: 'user=7' } }],
    ['the bearer subprotocol', { protocols: ['fanfare.v1', `bearer.${Buffer.from('7').toString('base64url')}`] }],
  ])('is found in %s', async (_, options) => {
    await using server = await startWith({ channels, authenticate, onError: () => undefined });
    using client = new WsClient(server.port, options);

    expect(await client.subscribe('inbox:7')).toMatchObject({ channel: 'inbox:7', kind: 'log' });
    expect(server.live.connections()).toMatchObject([{ identity: '7', label: 'ws' }]);
  });

  it('is found in the first message, and renewed on the open connection by the same subject only', async () => {
    await using server = await startWith({ channels, authenticate, onError: () => undefined });
    using client = new WsClient(server.port);
    await client.opened();

    client.send({ type: 'auth', id: 1, token: '7' });
    expect(await client.frame('authenticated')).toMatchObject({ id: 1, subject: '7' });
    await client.subscribe('inbox:7');
    client.send({ type: 'auth', id: 2, token: '8' });

    expect(await client.frame('error')).toMatchObject({ id: 2, code: 'FORBIDDEN', retry: false });
    await server.live.channel('inbox:7').publish('news', 1);
    await vi.waitFor(() => expect(client.events).toHaveLength(1), DEADLINE);
  });

  it('loses with a new credential what it does not grant', async () => {
    let roles = ['reader'];
    await using server = await startWith({
      channels: {
        'log:{id}': log({
          access: ({ identity }) =>
            identity?.roles.includes('reader') === true
              ? { allow: true }
              : { allow: false, status: 403, code: 'FORBIDDEN' },
        }),
      },
      authenticate: () => ({ subject: '7', roles }),
    });
    using client = new WsClient(server.port);
    await client.subscribe('log:a');

    roles = [];
    client.send({ type: 'auth', id: 1, token: 'another' });

    expect(await client.frame('unsubscribed')).toMatchObject({ channel: 'log:a', code: 'FORBIDDEN' });
    await client.frame('authenticated');
    expect(server.live.channels().filter(({ subscribers }) => subscribers > 0)).toEqual([]);
  });

  it('is told in-band that a credential is bad, or that the server failed', async () => {
    const onError = vi.fn();
    await using server = await startWith({ channels, authenticate, onError });
    using bad = new WsClient(server.port, { headers: { authorization: 'Bearer bad' } });
    using broken = new WsClient(server.port, { headers: { authorization: 'Bearer broken' } });

    expect(await bad.frame('error')).toMatchObject({ code: 'UNAUTHENTICATED', retry: false });
    expect(await bad.frame('close')).toMatchObject({ code: 3502, reconnect: false });
    expect((await bad.ended()).code).toBe(3502);
    expect(await broken.frame('error')).toMatchObject({ code: 'INTERNAL', retry: true });
    expect((await broken.ended()).code).toBe(3008);
    expect(onError).toHaveBeenCalledTimes(1);
  });
});

describe('commands', () => {
  const channels = {
    'chat:{room}': log({ events: { said: type<{ text: string }>() }, access: ALLOW }),
    'checked:{room}': log({ events: { said: checked() }, access: ALLOW }),
    'seat:{id}': state({ access: ALLOW }),
    'typing:{room}': signal({ access: ALLOW }),
    'read:{id}': log({ access: 'public' }),
  };

  it('publish, idempotently, to a log, a state and a signal channel', async () => {
    await using server = await startWith({ channels });
    using writer = new WsClient(server.port);
    using reader = new WsClient(server.port);
    for (const channel of ['chat:1', 'seat:1', 'typing:1']) await reader.subscribe(channel);
    await writer.opened();

    const say = { type: 'publish', channel: 'chat:1', event: 'said', data: { text: 'hi' }, idempotencyKey: 'k1' };
    writer.send({ ...say, id: 1 });
    writer.send({ ...say, id: 2 });
    writer.send({ type: 'publish', id: 3, channel: 'seat:1', event: 'state', data: 'taken', key: 'a1' });
    writer.send({ type: 'publish', id: 4, channel: 'typing:1', event: 'typing', data: true });

    const published = (): readonly unknown[] => writer.frames.filter((frame) => frame.type === 'published');
    await vi.waitFor(() => expect(published()).toHaveLength(4), DEADLINE);
    expect(published()).toMatchObject([
      { id: 1, duplicate: false, ack: 'accepted' },
      { id: 2, duplicate: true, ack: 'accepted' },
      { id: 3, duplicate: false },
      { id: 4, ack: 'accepted' },
    ]);
    await vi.waitFor(() => expect(reader.events).toHaveLength(3), DEADLINE);
    expect(reader.events.find(({ channel }) => channel === 'seat:1')).toMatchObject({
      event: 'state',
      key: 'a1',
      data: 'taken',
    });
  });

  it('are refused one by one, and the connection stays', async () => {
    await using server = await startWith({ channels });
    using client = new WsClient(server.port);
    await client.subscribe('chat:1');

    client.send({ type: 'publish', id: 1, channel: 'read:1', event: 'said', data: 1 });
    client.send({ type: 'publish', id: 2, channel: 'checked:1', event: 'said', data: { text: 7 } });
    client.send({ type: 'publish', id: 3, channel: 'nowhere', event: 'said', data: 1 });
    client.send({ type: 'subscribe', id: 4, channel: 'nowhere' });
    client.send({ type: 'publish', id: 5, channel: 'seat:1', event: 'said', data: 1 });
    client.socket.send('{"type":"publish"');
    client.socket.send('[]');
    client.send({ type: 'sing', id: 6 });
    client.send({ type: 'unsubscribe', id: 7, channel: 'chat:1' });

    await client.frame('unsubscribed');
    const errors = client.frames.filter((frame) => frame.type === 'error');
    expect(errors.map(({ id, code }) => [id, code])).toEqual([
      [1, 'FORBIDDEN'],
      [2, 'PAYLOAD_INVALID'],
      [3, 'CHANNEL_UNKNOWN'],
      [4, 'CHANNEL_UNKNOWN'],
      [5, 'CHANNEL_KIND_MISMATCH'],
      [undefined, 'FRAME_INVALID'],
      [undefined, 'FRAME_INVALID'],
      [undefined, 'FRAME_INVALID'],
    ]);
    expect(client.closed).toBeUndefined();
  });

  it('end a subscription, and begin it again where it was', async () => {
    await using server = await startWith({ channels });
    using client = new WsClient(server.port);
    await client.subscribe('chat:1');
    const say = (text: string) => server.live.channel('chat:1').publish('said', { text });
    const { position } = await say('one');
    await client.frame('event');

    client.send({ type: 'unsubscribe', id: 1, channel: 'chat:1' });
    expect(await client.frame('unsubscribed')).toEqual({ type: 'unsubscribed', channel: 'chat:1', id: 1 });
    await say('two');
    const again = await client.subscribe('chat:1', position);
    await say('three');

    expect(again).toMatchObject({ recovered: true });
    await vi.waitFor(() => expect(client.events).toHaveLength(3), DEADLINE);
    expect(client.events.map(({ data }) => data)).toEqual([{ text: 'one' }, { text: 'two' }, { text: 'three' }]);
  });

  it('answer a ping with a heartbeat', async () => {
    await using server = await startLive();
    using client = new WsClient(server.port);
    await client.opened();

    client.send({ type: 'ping' });

    expect((await client.frame('heartbeat')).time).toBeGreaterThan(1_600_000_000_000);
  });

  it('are limited in number: some are refused, and who goes on is closed', async () => {
    await using server = await startLive();
    using client = new WsClient(server.port);
    await client.subscribe('log:a');

    const flood = (commands: number): void => {
      for (let sent = 0; sent < commands; sent += 1) client.send({ type: 'subscribe', id: sent, channel: 'nowhere' });
    };
    flood(400);

    const limited = () => client.frames.find((frame) => frame.type === 'error' && frame.code === 'RATE_LIMITED');
    await vi.waitFor(() => expect(limited()).toMatchObject({ retry: true }), DEADLINE);
    expect(client.closed).toBeUndefined();
    flood(3000);

    expect(await client.ended()).toMatchObject({ code: 3007 });
  });
});

describe('what is no message of ours', () => {
  it('closes with the code for it', async () => {
    await using server = await startLive();
    using binary = new WsClient(server.port);
    using large = new WsClient(server.port);
    await Promise.all([binary.opened(), large.opened()]);

    binary.socket.send(Buffer.from([1, 2, 3]));
    large.socket.send('x'.repeat(64 * 1024 + 1));

    expect((await binary.ended()).code).toBe(1003);
    expect((await large.ended()).code).toBe(1009);
    await vi.waitFor(() => expect(server.live.stats().connections).toBe(0), DEADLINE);
  });

  const mask = [0, 0, 0, 0];
  it.each([
    ['a frame that is not masked', [0x81, 0x01, 0x7b], 1002],
    ['a reserved bit', [0xc1, 0x80, ...mask], 1002],
    ['a reserved opcode', [0x83, 0x80, ...mask], 1002],
    ['a fragmented ping', [0x09, 0x80, ...mask], 1002],
    ['a continuation of nothing', [0x80, 0x80, ...mask], 1002],
    ['text that is not UTF-8', [0x81, 0x82, ...mask, 0xc3, 0x28], 1007],
    ['a close frame with a code that nobody may send', [0x88, 0x82, ...mask, 0x03, 0xee], 1002],
    [
      'more fragments than anybody needs',
      [0x01, 0x80, ...mask, ...Array.from({ length: 64 }, () => [0x00, 0x80, ...mask]).flat()],
      1008,
    ],
  ])('%s', async (_, bytes, code) => {
    await using server = await startLive();
    const socket = connect(server.port, '127.0.0.1');
    const received: Buffer[] = [];
    socket.on('data', (chunk) => received.push(chunk));
    socket.on('error', () => undefined);
    const head = ['GET /live/ws HTTP/1.1', 'Host: localhost', 'Connection: Upgrade', 'Upgrade: websocket'];
    socket.write(
      [...head, 'Sec-WebSocket-Version: 13', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', '', ''].join('\r\n'),
    );
    await vi.waitFor(() => expect(String(Buffer.concat(received))).toContain('"connected"'), DEADLINE);

    socket.write(Buffer.from(bytes));

    const closeFrame = Buffer.from([0x88, 0x02, code >> 8, code & 0xff]);
    await vi.waitFor(() => expect(Buffer.concat(received).subarray(-4)).toEqual(closeFrame), DEADLINE);
    socket.destroy();
    await vi.waitFor(() => expect(server.live.stats().connections).toBe(0), DEADLINE);
  });
});

describe('the life of a connection', () => {
  it('shows a heartbeat to the page, and pings its WebSocket', async () => {
    await using server = await startLive({ heartbeatMs: 1000 });
    using client = new WsClient(server.port);
    await client.subscribe('log:a');

    await client.frame('heartbeat');

    await vi.waitFor(() => expect(client.pings).toBeGreaterThan(0), DEADLINE);
  });

  it('ends when a peer is not heard any more', async () => {
    await using server = await startLive({ heartbeatMs: 1000 });
    using client = new WsClient(server.port, { autoPong: false });
    await client.subscribe('log:a');

    expect(await client.ended()).toMatchObject({ code: 3005 });
  });

  it('ends with a word when the server leaves', async () => {
    await using server = await startLive();
    using client = new WsClient(server.port);
    await client.subscribe('log:a');

    await server.live.drain({ overMs: 100 });

    expect(await client.frame('close')).toMatchObject({ code: 3000, reconnect: true });
    expect((await client.ended()).code).toBe(3000);
  });

  it('tells with which code the peer went', async () => {
    await using server = await startLive();
    const codes: number[] = [];
    server.live.observe((event) => event.kind === 'connection-closed' && codes.push(event.code));
    using normal = new WsClient(server.port);
    using cut = new WsClient(server.port);
    using silent = new WsClient(server.port);
    await Promise.all([normal.opened(), cut.opened(), silent.opened()]);

    normal.socket.close(1001);
    await vi.waitFor(() => expect(codes).toEqual([1001]), DEADLINE);
    silent.socket.close();
    await vi.waitFor(() => expect(codes).toEqual([1001, 1005]), DEADLINE);
    cut.socket.terminate();

    await vi.waitFor(() => expect(codes).toEqual([1001, 1005, 1006]), DEADLINE);
  });

  it('closes a reader of a log that takes nothing, and holds no more for it than the cap', async () => {
    await using server = await startLive({ limits: { maxBufferedBytes: 256 * 1024 } });
    using client = new WsClient(server.port);
    await client.subscribe('log:a');
    const reports: string[] = [];
    server.live.observe((event) => reports.push(event.kind));
    client.socket.pause();

    const data = 'x'.repeat(60_000);
    let most = 0;
    for (let sent = 0; sent < 400 && !reports.includes('slow-consumer'); sent += 1) {
      await server.live.channel('log:a').publish('filled', data);
      // What is published in one turn leaves in one write, whatever the cap.
      await new Promise(setImmediate);
      most = Math.max(most, ...server.live.connections().map(({ bufferedBytes }) => bufferedBytes));
    }

    expect(reports).toContain('slow-consumer');
    expect(most).toBeLessThan(512 * 1024);
  });
});

function checked() {
  const validate = (value: unknown) =>
    typeof value === 'object' && value !== null && 'text' in value && typeof value.text === 'string'
      ? { value: { text: value.text } }
      : { issues: [{ message: 'expected a text', path: ['text'] }] };
  return { '~standard': { version: 1, vendor: 'test', validate } } as const;
}
