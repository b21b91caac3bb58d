/** A WebSocket path of a system's own: its messages on hub channels, with the front, the bounds and the life of /live/ws. */
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import type { IncomingMessage } from 'node:http';
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { type CloseFrame, defineWebSocketView, FanfareError, log } from '../../src/index.ts';
import { expectNothingOpen, startWith } from './live-fixture.ts';
import { Client, startPath, TIMEOUT } from './own-path-fixture.ts';

describe('a WebSocket path of an application', () => {
  it('shows frames and events as its view says, its own messages in their place among them', async () => {
    await using server = await startPath();
    using client = new Client(server.port);
    await client.got(1);

    client.socket.send('join room:a');
    await client.got(2);
    client.socket.send('say one');
    await client.got(3);
    await server.live.channel('room:a').publish('hidden', 1);
    const { position } = await server.live.channel('room:a').publish('said', { text: 'xin chào' });

    expect(await client.got(4)).toEqual([
      'hello',
      '{"joined":"room:a"}',
      'one',
      JSON.stringify({ got: 'said', channel: 'room:a', data: { text: 'xin chào' }, position }),
    ]);
    expect(server.live.connections()).toMatchObject([{ label: 'plain', channels: ['room:a'], address: '127.0.0.1' }]);
  });

  it('asks the access rule for a command, and not for what the server decides itself', async () => {
    await using server = await startPath();
    using client = new Client(server.port);
    await client.got(1);

    client.socket.send('join secret:a');
    await client.got(2);
    const outcome = await server.sockets[0]?.subscribe('secret:a');

    expect(await client.got(3)).toEqual(['hello', '{"refused":"FORBIDDEN"}', '{"joined":"secret:a"}']);
    expect(outcome).toMatchObject({ kind: 'subscribed' });
    expect(server.sockets[0]?.follows('secret:a')).toBe(true);
    expect(server.sockets[0]?.unsubscribe('secret:a')).toBe(true);
    expect(server.sockets[0]?.channels).toEqual([]);
  });

  it('brings what was missed after a position, or says that it cannot', async () => {
    await using server = await startPath();
    const { position } = await server.live.channel('room:a').publish('said', 1);
    await server.live.channel('room:a').publish('said', 2);
    using client = new Client(server.port);
    await client.got(1);

    await server.sockets[0]?.subscribe('room:a', { after: position });
    await client.got(3);
    server.sockets[0]?.unsubscribe('room:a');
    await server.sockets[0]?.subscribe('room:a', { after: 'zzz.1' });

    expect((await client.got(4)).map((text) => (text === 'hello' ? {} : JSON.parse(text)))).toMatchObject([
      {},
      { joined: 'room:a', recovered: true },
      { got: 'said', data: 2 },
      { joined: 'room:a', recovered: false },
    ]);
  });

  it('refuses a foreign Origin with 403, and tells a refused credential inside', async () => {
    const authenticate = ({ headers }: IncomingMessage) => {
      if (headers.authorization === 'Bearer bad') throw new FanfareError('UNAUTHENTICATED');
      return headers.authorization === undefined ? undefined : { subject: 'user-7', roles: [] };
    };
    await using server = await startPath({ live: { authenticate } });
    using forged = new Client(server.port, { Cookie: 'a=b', 'Sec-Fetch-Site': 'cross-site' });
    using foreign = new Client(server.port, { Origin: 'https://evil.example' });
    const statuses: readonly unknown[] = await Promise.all(
      [forged, foreign].map(({ socket }) => once(socket, 'unexpected-response').then(([, res]) => res.statusCode)),
    );
    using refused = new Client(server.port, { Authorization: 'Bearer bad' });
    using known = new Client(server.port, { Authorization: 'Bearer good' });
    await known.got(1);

    expect(statuses).toEqual([403, 403]);
    expect(await refused.end()).toMatchObject({ code: 3502 });
    expect(refused.texts).toEqual(['{"refused":"UNAUTHENTICATED"}']);
    expect(server.sockets.map(({ identity }) => identity?.subject)).toEqual(['user-7']);
  });

  it('has no room beyond maxConnections, and none while the server drains', async () => {
    await using server = await startPath({ live: { limits: { maxConnections: 1 } } });
    using first = new Client(server.port);
    await first.got(1);
    using second = new Client(server.port);
    expect(await second.end()).toMatchObject({ code: 3003 });

    await server.live.drain({ overMs: 10 });
    using third = new Client(server.port);

    expect(await first.end()).toMatchObject({ code: 3000 });
    expect(await third.end()).toMatchObject({ code: 3000 });
    expect([...second.texts, ...third.texts]).toEqual(['{"refused":"TOO_MANY_CONNECTIONS"}', '{"refused":"DRAINING"}']);
  });

  it('tells how each ended, and by whom', async () => {
    const closing = ({ code }: CloseFrame) => (code === 3507 ? ({ code: 1008, reason: 'out' } as const) : 'cut');
    await using server = await startPath({ maxMessageBytes: 1000, closing });
    const connect = async (): Promise<Client> => {
      const client = new Client(server.port);
      await client.got(1);
      return client;
    };
    using named = await connect();
    named.socket.close(4000, 'bye');
    using wordless = await connect();
    wordless.socket.close();
    using cut = await connect();
    cut.socket.terminate();
    await vi.waitFor(() => expect(server.ends.length).toBe(3), TIMEOUT);
    using large = await connect();
    large.socket.send('x'.repeat(1001));
    await large.end();
    using banned = await connect();
    server.live.disconnect(() => true);
    await banned.end();
    using left = await connect();
    server.live.disconnect(() => true, 'heartbeatTimeout');

    expect(await left.end()).toMatchObject({ code: 1006 });
    expect(banned.closed).toEqual({ code: 1008, reason: 'out' });
    expect(large.closed).toMatchObject({ code: 1009 });
    await vi.waitFor(() => expect(server.ends.length).toBe(6), TIMEOUT);
    expect(new Set(server.ends.map((end) => JSON.stringify(end)))).toEqual(
      new Set(
        [
          { code: 4000, reason: 'bye', by: 'client' },
          { code: 1005, reason: '', by: 'client' },
          { code: 1006, reason: '', by: 'client' },
          { code: 1009, reason: '', by: 'server' },
          { code: 1008, reason: 'out', by: 'server' },
          { code: 1006, reason: '', by: 'server' },
        ].map((end) => JSON.stringify(end)),
      ),
    );
    await expectNothingOpen(server);
  });

  it('hands a binary message on where it is asked for, and ends the connection where not', async () => {
    await using server = await startPath();
    using client = new Client(server.port);
    await client.got(1);
    client.socket.send(Buffer.from([1, 2]));
    client.socket.send('say still here');

    expect(await client.got(2)).toEqual(['hello', 'still']);
    expect(server.binary).toEqual([1]);

    await using strict = await startPath({ opened: () => ({ text: () => {} }) });
    using refused = new Client(strict.port);
    await once(refused.socket, 'open');
    refused.socket.send(Buffer.from([1, 2]));
    expect(await refused.end()).toMatchObject({ code: 1003 });
  });

  it('pings, and cuts within two heartbeats a peer that does not answer', async () => {
    await using server = await startPath({ heartbeatMs: 1000, silentHeartbeats: 1.75, closing: () => 'cut' });
    using alive = new RawWebSocket({ port: server.port, path: '/plain', isForeign: true });
    using dead = new RawWebSocket({ port: server.port, path: '/plain', isForeign: true });
    await Promise.all([alive.answered(), dead.answered()]);
    dead.answersPings = false;
    const since = performance.now();

    await vi.waitFor(() => expect(server.live.stats().connections).toBe(1), { timeout: 5000, interval: 10 });

    // The wheel that all connections share turns in whole seconds.
    expect(performance.now() - since).toBeLessThan(2 * 1000 + 1000);
    expect(alive.pings.length).toBeGreaterThan(0);
    expect(alive.closed).toBe(false);
  });

  it('keeps what waits for a slow peer within its bound, messages of its own included', async () => {
    await using server = await startPath({ live: { limits: { maxBufferedBytes: 200_000 } } });
    using client = new RawWebSocket({ port: server.port, path: '/plain', isForeign: true });
    await client.answered();
    client.socket.pause();
    const [socket] = server.sockets;

    let sent = 0;
    for (; sent < 100_000 && socket?.closed === false; sent += 1) {
      socket.send('x'.repeat(50_000));
      if (sent % 10 === 0) await new Promise((resolve) => setImmediate(resolve));
    }

    expect(socket?.closed).toBe(true);
    expect(server.live.stats().slowConsumers).toBe(1);
    client.socket.resume();
  });

  it('masks nothing, fragments nothing: every message is one frame', async () => {
    await using server = await startPath();
    using client = new RawWebSocket({ port: server.port, path: '/plain', isForeign: true });
    await client.answered();
    client.send(`say ${'y'.repeat(40_000)}`);

    await vi.waitFor(() => expect(client.receivedBytes).toBeGreaterThan(40_000), TIMEOUT);
    expect(client.closed).toBe(false);
  });

  it('is what the page on embedding shows', async () => {
    const page = await readFile(new URL('../../../../docs/reference/embedding.md', import.meta.url), 'utf8');
    const [, section = ''] = page.split('## A WebSocket path of your own');
    const code = section
      .split('\n')
      .filter((line) => line.startsWith('    '))
      .join('\n');
    await using running = await startWith({ channels: { 'desk:{id}': log({ access: 'public' }) } });
    new Function('defineWebSocketView', 'live', 'server', 'console', code)(
      defineWebSocketView,
      running.live,
      running.server,
      {
        log: () => {},
      },
    );
    using socket = new RawWebSocket({ port: running.port, path: '/desk', isForeign: true });
    await vi.waitFor(() => expect(socket.texts).toEqual(['{"type":"welcome"}']), TIMEOUT);
    socket.send('front');
    await vi.waitFor(() => expect(running.live.subscribers('desk:front')).toBe(1), TIMEOUT);
    const { position } = await running.live.channel('desk:front').publish('note', { text: 'hi' });
    await vi.waitFor(() => expect(socket.texts.length).toBe(2), TIMEOUT);
    socket.send('no:desk');
    await vi.waitFor(() => expect(socket.texts.length).toBe(3), TIMEOUT);

    expect(socket.texts.slice(1)).toEqual([
      `{"type":"note","desk":"desk:front","note":{"text":"hi"},"position":"${position}"}`,
      '{"type":"error","code":"CHANNEL_UNKNOWN"}',
    ]);
  });
});
