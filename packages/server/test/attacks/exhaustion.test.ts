/** R1 and R3: descriptors and memory that run out, ten thousand clients that come and go; load is shed, and the server heals. */
import { spawnSync } from 'node:child_process';
import { Agent, request } from 'node:http';
import { connect, type Socket } from 'node:net';
import { CASES, RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { RawClient } from '../transports/live-fixture.ts';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';
import { each } from './wires.ts';

const hasPrlimit = spawnSync('prlimit', ['--version']).status === 0;
if (!hasPrlimit && process.env['CI'] !== 'true') {
  process.stderr.write('prlimit is not installed here: the test of descriptors that run out is skipped.\n');
}

/** A backend on one connection that it keeps. */
class Backend implements Disposable {
  readonly #agent = new Agent({ keepAlive: true, maxSockets: 1 });
  readonly #port: number;

  constructor(port: number) {
    this.#port = port;
  }

  publish(channel: string, data: unknown): Promise<number> {
    const body = JSON.stringify({ channel, event: 'e', data });
    const headers = {
      'X-API-Key': ATTACK_KEY,
      'Content-Type': 'application/json',
      'Content-Length': Buffer.byteLength(body),
    };
    const options = {
      port: this.#port,
      host: '127.0.0.1',
      path: '/live/api/publish',
      method: 'POST',
      agent: this.#agent,
      headers,
    };
    return new Promise((resolve, reject) => {
      const asked = request(options, (answer) => {
        answer.resume();
        answer.on('end', () => resolve(answer.statusCode ?? 0));
      });
      asked.on('error', reject);
      asked.end(body);
    });
  }

  [Symbol.dispose](): void {
    this.#agent.destroy();
  }
}

describe.skipIf(!hasPrlimit && process.env['CI'] !== 'true')('R1 descriptors that run out', { timeout: 60_000 }, () => {
  it('cost the late ones their connection; who is connected goes on, and when some leave, others get in', async () => {
    await using server = await startAttacked();
    using backend = new Backend(server.port);
    expect(await backend.publish('log:warm', 1)).toBe(200);
    using first = RawClient.get(server.port, '/live/sse?channel=log:a');
    await first.until('subscribed');
    spawnSync('prlimit', ['--pid', String(server.process.pid), '--nofile=96:96']);

    const crowd = Array.from({ length: 400 }, () => RawClient.get(server.port, '/live/sse?channel=log:a'));
    await vi.waitUntil(() => crowd.every((client) => client.closed || client.named('subscribed').length > 0), {
      timeout: 20_000,
    });
    const inside = crowd.filter((client) => !client.closed);
    expect(inside.length).toBeGreaterThan(20);
    expect(inside.length).toBeLessThan(96);
    expect(await backend.publish('log:a', 'while full')).toBe(200);
    await first.until('e');
    for (const client of inside) await client.until('e');

    for (const client of inside) client[Symbol.dispose]();
    const late = await vi.waitUntil(
      async () => {
        const client = RawClient.get(server.port, '/live/sse?channel=log:a');
        await vi.waitUntil(() => client.closed || client.named('subscribed').length > 0, { timeout: 10_000 });
        return client.closed ? undefined : client;
      },
      { timeout: 20_000 },
    );
    expect(await backend.publish('log:a', 'afterwards')).toBe(200);
    await late.until('e');
    for (const client of [late, first, ...crowd]) client[Symbol.dispose]();
    await server.expectUnharmed();
  });
});

describe('R1 memory that runs out', { timeout: 90_000 }, () => {
  it('is not reached: readers that stop reading are ended within their bounds, and a heap of 64 MB is enough', async () => {
    await using server = await startAttacked({ NODE_OPTIONS: '--max-old-space-size=64' });
    using backend = new Backend(server.port);
    using reader = RawClient.get(server.port, '/live/sse?channel=log:flood');
    await reader.until('subscribed');
    const stalled: Socket[] = [];
    await each(Array.from({ length: 200 }), { atOnce: 50 }, async (_, n) => {
      const socket = connect({ port: server.port, host: '127.0.0.1' });
      socket.on('error', () => {});
      stalled.push(socket);
      socket.write(`GET /live/sse?channel=log:flood&channel=state:${n} HTTP/1.1\r\nHost: x\r\n\r\n`);
      await new Promise((resolve) => socket.once('data', resolve));
      socket.pause();
    });
    const before = await server.memory();

    // Ten thousand events of 8 KiB: 80 MB for each of two hundred, if anybody kept them.
    for (let n = 0; n < 2000; n += 1) expect(await backend.publish('log:flood', 'x'.repeat(8000))).toBe(200);
    await reader.until('e', 2000);

    expect((await server.gauges()).connections).toBe(1);
    expect(((await server.memory()).rss - before.rss) / 1024 ** 2).toBeLessThan(200);
    for (const socket of stalled) socket.destroy();
    reader[Symbol.dispose]();
    await server.expectUnharmed();
  });
});

describe('R3 ten thousand clients that come and go', { timeout: 120_000 }, () => {
  const comers: readonly (readonly [string, (server: AttackServer, n: number) => Promise<void>])[] = [
    [
      'sse',
      ({ port }, n) =>
        comeAndGo(port, `GET /live/sse?channel=log:a&channel=state:${n % 100} HTTP/1.1\r\nHost: x\r\n\r\n`, n),
    ],
    ['poll', ({ port }, n) => comeAndGo(port, `GET /live/poll?channel=log:a&wait=20 HTTP/1.1\r\nHost: x\r\n\r\n`, n)],
    ['ws', socketComesAndGoes],
  ];

  it.each(comers)('over %s leave nothing behind, at whatever moment they go', async (_, comeOnce) => {
    await using server = await startAttacked();
    await each(
      Array.from({ length: 1000 }, (_, n) => n),
      { atOnce: 64 },
      (n) => comeOnce(server, n),
    );
    await server.expectUnharmed();
    const before = await server.memory();

    await each(
      Array.from({ length: CASES - 1000 }, (_, n) => n),
      { atOnce: 64 },
      (n) => comeOnce(server, n),
    );

    await server.expectUnharmed();
    const after = await server.memory();
    expect((after.heapUsed - before.heapUsed) / 1024 ** 2).toBeLessThan(8);
  });
});

/** Sends the request, waits for nothing, for the first bytes or for more of them, and resets the connection. */
function comeAndGo(port: number, request: string, n: number): Promise<void> {
  const socket = connect({ port, host: '127.0.0.1' });
  return new Promise((resolve) => {
    const leave = (): void => {
      socket.resetAndDestroy();
      resolve();
    };
    socket.on('error', leave);
    socket.on('close', () => resolve());
    socket.write(request, () => {
      if (n % 4 === 0) leave();
      else if (n % 4 === 1) setImmediate(leave);
      else if (request.includes('wait=')) setTimeout(leave, n % 20);
      else socket.once('data', leave);
    });
  });
}

async function socketComesAndGoes({ port }: AttackServer, n: number): Promise<void> {
  const client = new RawWebSocket({ port });
  client.send({ type: 'subscribe', channel: 'log:a' });
  if (n % 4 === 0) await new Promise((resolve) => client.socket.once('connect', resolve));
  else if (n % 4 === 1) await new Promise((resolve) => client.socket.once('data', resolve));
  else
    await new Promise<void>((resolve) => {
      const look = (): void => {
        if (client.frames.some(({ type }) => type === 'subscribed')) resolve();
        else client.socket.once('data', look);
      };
      client.socket.once('close', () => resolve());
      look();
    });
  if (n % 8 === 7) client.close();
  client.socket.resetAndDestroy();
}
