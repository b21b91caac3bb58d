/** Commands on a WebSocket that come faster than they are carried out, and whatever else a peer may send. */
import type { Socket } from 'node:net';
import { OPCODES, RawWebSocket } from '@fanfare/testkit';
import fc from 'fast-check';
import { describe, expect, it, vi } from 'vitest';
import { type Check, log } from '../../src/index.ts';
import { expectNothingOpen, startWith } from './live-fixture.ts';
import { startWireServer } from './wire-server.ts';

const WAIT = { timeout: 20_000, interval: 5 };

/** A rule that decides when the test says so, first come, first served. */
function gate() {
  const waiting: (() => void)[] = [];
  const asks: Check = () =>
    new Promise((resolve) => {
      waiting.push(() => resolve({ allow: true }));
    });
  return {
    waiting,
    channels: {
      'slow:{id}': log({ access: { subscribe: asks, publish: asks } }),
      'log:{id}': log({ access: { subscribe: 'public', publish: 'public' } }),
    },
  };
}

async function start() {
  const { waiting, channels } = gate();
  const running = await startWith({ channels });
  running.live.attach(running.server);
  const sockets: Socket[] = [];
  running.server.on('connection', (socket: Socket) => sockets.push(socket));
  const client = new RawWebSocket({ port: running.port });
  await client.until((frame) => frame.type === 'connected');
  return {
    ...{ running, client, waiting, sockets },
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]();
      await running[Symbol.asyncDispose]();
    },
  };
}

const ids = ({ frames }: RawWebSocket): readonly unknown[] =>
  frames.flatMap((frame) => ('id' in frame && frame.id !== undefined ? [frame.id] : []));

describe('commands of one connection', () => {
  it('are carried out in their order, each when the one before it is done', async () => {
    await using one = await start();
    const { client, waiting } = one;
    client.send({ type: 'subscribe', id: 1, channel: 'slow:a' });
    client.send({ type: 'publish', id: 2, channel: 'log:a', event: 'e', data: 'first' });
    client.send({ type: 'publish', id: 3, channel: 'slow:a', event: 'e', data: 1 });
    client.send({ type: 'publish', id: 4, channel: 'log:a', event: 'e', data: 'second' });
    client.send({ type: 'ping' });
    // A ping overtakes them, and shows that all of them have arrived.
    await client.until((frame) => frame.type === 'heartbeat');
    expect([ids(client), waiting.length]).toEqual([[], 1]);

    waiting.shift()?.();
    await vi.waitUntil(() => waiting.length === 1 && ids(client).length === 2, WAIT);
    expect(ids(client)).toEqual([1, 2]);
    waiting.shift()?.();
    await vi.waitUntil(() => ids(client).length === 4, WAIT);

    expect(ids(client)).toEqual([1, 2, 3, 4]);
  });

  it('are not even read when too many wait', { timeout: 60_000 }, async () => {
    await using one = await start();
    const { client, waiting, running, sockets } = one;
    const total = 290;
    const pad = 'x'.repeat(60_000);
    client.send({ type: 'subscribe', id: 0, channel: 'slow:a' });
    for (let id = 1; id < total; id += 1) client.send({ type: 'publish', id, channel: 'log:a', event: 'e', data: pad });
    await vi.waitUntil(() => waiting.length === 1, WAIT);

    // What the kernels of both ends hold is theirs: how much it is tells nothing about us.
    let read = -1;
    await vi.waitUntil(
      () => {
        const isStill = read === sockets[0]?.bytesRead;
        read = sockets[0]?.bytesRead ?? -1;
        return isStill && read > 0;
      },
      { ...WAIT, interval: 300 },
    );
    expect(read).toBeLessThan((total * pad.length) / 4);
    expect(running.live.stats().published).toBe(0);
    waiting.shift()?.();
    await vi.waitUntil(() => ids(client).length === total, WAIT);

    expect(ids(client)).toEqual(Array.from({ length: total }, (_, id) => id));
    expect(sockets[0]?.bytesRead).toBeGreaterThan((total - 1) * pad.length);
  });

  it('that wait when it ends are not carried out', async () => {
    await using one = await start();
    const { client, waiting, running } = one;
    client.send({ type: 'subscribe', id: 0, channel: 'slow:a' });
    client.send({ type: 'publish', id: 1, channel: 'log:a', event: 'e', data: 1 });
    await vi.waitUntil(() => waiting.length === 1, WAIT);
    client.socket.resetAndDestroy();
    await vi.waitUntil(() => running.live.stats().connections === 0, WAIT);

    waiting.shift()?.();
    for (let turn = 0; turn < 10; turn += 1) await new Promise((resolve) => setImmediate(resolve));
    await running.live.channel('log:a').publish('e', 'after');

    expect(running.live.stats()).toMatchObject({ published: 1, subscriptions: 0 });
    await expectNothingOpen(running);
  });
});

describe('anything that a peer may send', () => {
  it('ends at most its own connection', { timeout: 120_000 }, async () => {
    const faults: unknown[] = [];
    await using server = await startWireServer({ onError: (fault) => faults.push(fault) });
    using witness = new RawWebSocket({ port: server.port });
    witness.send({ type: 'subscribe', channel: 'log:witness' });
    await witness.until((frame) => frame.type === 'subscribed');
    const command = fc.oneof(
      fc.json({ maxDepth: 4 }),
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc
        .record(
          {
            type: fc.constantFrom('subscribe', 'unsubscribe', 'publish', 'auth', 'ping', 'connected', '__proto__', ''),
            id: fc.oneof(fc.nat(), fc.constantFrom('1', -1, 0.5, null)),
            channel: fc.constantFrom('log:a', 'open:a', 'state:a', 'mine:user-7', 'nothing', 'a b', '', '__proto__'),
            event: fc.constantFrom('said', 'state', 'lost', '\n', ''),
            data: fc.jsonValue({ maxDepth: 3 }),
            position: fc.constantFrom('k.1', '1~k.aaaaaaaa1', 'x'.repeat(5000), ''),
            token: fc.constantFrom('user-7', 'expired', 'fault', '\r\n', ''),
            key: fc.constantFrom('k', '\0'),
            idempotencyKey: fc.constantFrom('i', ' '),
          },
          { requiredKeys: [] },
        )
        .map((frame) => JSON.stringify(frame)),
    );
    const frame = fc.oneof(
      { arbitrary: command.map((payload) => ({ payload })), weight: 8 },
      {
        arbitrary: fc.record({
          opcode: fc.oneof(fc.constantFrom(...Object.values(OPCODES)), fc.nat(15)),
          payload: fc.uint8Array({ maxLength: 200 }),
          fin: fc.boolean(),
          reserved: fc.constantFrom(0, 0, 0, 1, 7),
          masked: fc.constantFrom(true, true, true, false),
        }),
        weight: 2,
      },
    );
    const noise = fc.oneof(fc.array(frame, { maxLength: 20 }), fc.uint8Array({ maxLength: 300 }));

    await fc.assert(
      fc.asyncProperty(noise, async (sent) => {
        using client = new RawWebSocket({ port: server.port });
        await client.until((received) => received.type === 'connected');
        if (sent instanceof Uint8Array) client.socket.write(sent);
        else for (const one of sent) client.write(one);
        client.socket.end();
        await client.untilClosed();
      }),
      { numRuns: 300 },
    );

    await server.live.api.publish({ channel: 'log:witness', event: 'e', data: 1 });
    await witness.until((received) => received.type === 'event');
    expect(Object.hasOwn(Object.prototype, 'type')).toBe(false);
    // The faults that the tokens and rules of the test server were made for, and no other.
    expect(faults.filter((fault) => !/no database/.test(String(fault)))).toEqual([]);
    await vi.waitUntil(() => server.live.stats().connections === 1, WAIT);
  });
});
