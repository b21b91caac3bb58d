/** What all five teams got wrong, of what rooms have part in: each by its number in the list that the project came with. */
import { once } from 'node:events';
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { login, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

describe('what all five teams got wrong', () => {
  it('3: events sent during a reconnect are lost. Here: replay from the last that was seen, no gap, no duplicate', async () => {
    await using server = await startRooms();
    using talker = await server.connect().welcomed();
    await talker.ask({ type: 'join-room', room: 'a' });
    const heard: unknown[] = [];
    let since: unknown;
    let said = 0;
    const say = (): void => {
      said += 1;
      talker.send({ type: 'room-message', room: 'a', message: said });
    };
    for (let visit = 0; visit < 20; visit += 1) {
      using client = await server.connect().welcomed();
      await client.ask({ type: 'join-room', room: 'a', ...(since === undefined ? {} : { since }) });
      for (let n = 0; n < 3; n += 1) say();
      await vi.waitFor(() => expect(client.messages.length).toBeGreaterThan(2 + (visit % 3)), TIMEOUT);
      client.socket.terminate();
      const messages = client.messages.filter(({ type }) => type === 'room-message');
      heard.push(...messages.map(({ message }) => message));
      since = messages.at(-1)?.['position'];
      // Nobody is there to hear this one.
      say();
    }
    using last = await server.connect().welcomed();
    await last.ask({ type: 'join-room', room: 'a', since });
    const missing = said - heard.length;
    await vi.waitFor(() => expect(last.messages.length).toBe(2 + missing), TIMEOUT);
    heard.push(...last.messages.slice(2).map(({ message }) => message));

    expect(heard).toEqual(Array.from({ length: said }, (_, n) => n + 1));
  });

  it('7: a queue that grows without bound when the reader is slow. Here: it ends, and its client resumes', async () => {
    await using server = await startRooms({ live: { limits: { maxBufferedBytes: 300_000 } } });
    using slow = new RawWebSocket({ port: server.port, path: '/ws', isForeign: true });
    await vi.waitFor(() => expect(slow.texts.length).toBe(1), TIMEOUT);
    slow.send({ type: 'join-room', room: 'a' });
    await vi.waitFor(() => expect(slow.texts.length).toBe(2), TIMEOUT);
    const { position } = JSON.parse(slow.texts[1] ?? '{}');
    slow.socket.pause();

    let said = 0;
    for (; said < 900 && server.live.stats().slowConsumers === 0; said += 1) {
      await server.live.channel('room:a').publish('room-message', { message: 'x'.repeat(50_000) });
    }

    expect(server.live.stats().slowConsumers).toBe(1);
    expect(server.rooms.getConnectedCount()).toBeLessThanOrEqual(1);
    using again = await server.connect().welcomed();
    expect(await again.ask({ type: 'join-room', room: 'a', since: position })).toMatchObject({ recovered: true });
    await vi.waitFor(() => expect(again.messages.length).toBe(2 + said), TIMEOUT);
    slow.socket.resume();
  });

  it('8: a JWT in the query string. Here: it is not looked at, on either path', async () => {
    const seen: unknown[] = [];
    await using server = await startRooms({
      rooms: {
        join: ({ identity }) => {
          seen.push(identity);
          return { allow: true };
        },
      },
    });
    const { cookie = '' } = await login(server.url, 'admin');
    const token = cookie.slice(cookie.indexOf('=') + 1);
    using plain = await server.connect({ path: `/ws?token=${token}` }).welcomed();
    await plain.ask({ type: 'join-room', room: 'a' });
    using io = await new IoClient(server.url, { query: { token } }).welcomed();
    await io.ask('join-room', 'a');

    expect(seen).toEqual([undefined, undefined]);
    expect(JSON.stringify(server.log)).not.toContain(token);
  });

  it('9: Access-Control-Allow-Origin: *, and a WebSocket that checks no Origin', async () => {
    await using server = await startRooms({ rooms: { allowedOrigins: ['https://app.example.com'] } });
    const ask = (Origin: string): Promise<Response> =>
      fetch(`${server.url}/socket.io/?EIO=4&transport=polling`, { headers: { Origin } });

    for (const path of ['/ws', '/socket.io/?EIO=4&transport=websocket']) {
      using foreign = server.connect({ path, headers: { Origin: 'https://evil.example' } });
      const [, response] = await once(foreign.socket, 'unexpected-response');
      expect(response.statusCode).toBeGreaterThanOrEqual(400);
    }
    expect((await ask('https://evil.example')).status).toBe(403);
    const listed = await ask('https://app.example.com');
    expect(listed.status).toBe(200);
    expect(listed.headers.get('access-control-allow-origin')).toBe('https://app.example.com');
  });

  it('13: 1005 explained as "no close frame": it is a close frame without a code; 1006 is the one without a frame', async () => {
    await using server = await startRooms();
    using wordless = await server.connect().welcomed();
    wordless.socket.close();
    using cut = await server.connect().welcomed();
    cut.socket.terminate();
    const closes = () => server.rooms.counts().closes;

    await vi.waitFor(() => expect(closes().length).toBe(2), TIMEOUT);
    expect(closes()).toEqual([
      { code: 1005, count: 1, meaning: 'a close frame without a code' },
      { code: 1006, count: 1, meaning: 'no close frame: the wire broke' },
    ]);
  });
});
