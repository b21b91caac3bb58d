/** How many clients get in, and how fast: per user, per address, per channel and altogether, on every wire. */
import type { TransportName } from '@fanfare/protocol';
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { RawClient, startLive } from '../transports/live-fixture.ts';
import { type Knock, knock, type Told } from './knocking.ts';

type Options = NonNullable<Parameters<typeof startLive>[0]>;

/** `Bearer NAME` is NAME; one proxy of ours is in front, so a client may say where it comes from. */
async function start(limits: Options['limits']) {
  const server = await startLive({
    limits: { ...limits },
    trustedHops: 1,
    authenticate: ({ headers }) => {
      const subject = (headers.authorization ?? '').replace('Bearer ', '');
      return subject === '' ? undefined : { subject, roles: [] };
    },
  });
  server.live.attach(server.server);
  const clients: Knock[] = [];
  return {
    live: server.live,
    port: server.port,
    knock: async (wire: TransportName, headers: Record<string, string>, channel = 'log:a'): Promise<Told> => {
      const client = await knock({ live: server.live, port: server.port, wire, headers, channel });
      clients.push(client);
      return client.told;
    },
    leave: (index: number): void => clients[index]?.[Symbol.dispose](),
    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const WIRES: readonly TransportName[] = ['sse', 'ws', 'poll'];
const from = (address: string): Record<string, string> => ({ 'X-Forwarded-For': address });
const as = (user: string): Record<string, string> => ({ Authorization: `Bearer ${user}` });

/** What the one over a bound is told: on a stream 200 and an event, on a WebSocket a close code, on a poll a status [rule 9]. */
function refusal(wire: TransportName, code: 'TOO_MANY_CONNECTIONS' | 'RATE_LIMITED') {
  const close = code === 'RATE_LIMITED' ? 3007 : 3003;
  const status = { sse: 200, ws: 101, poll: code === 'RATE_LIMITED' ? 429 : 503 }[wire];
  return { kind: 'refused', status, code, close: wire === 'poll' ? 0 : close };
}

describe.each(WIRES)('over %s', (wire) => {
  it('one more connection of a user is refused for now, one of somebody else is not, and who leaves makes room', async () => {
    await using server = await start({ maxConnectionsPerUser: 2 });
    await server.knock('sse', { ...as('an'), ...from('198.51.100.1') });
    await server.knock('ws', { ...as('an'), ...from('198.51.100.2') });

    const third = await server.knock(wire, { ...as('an'), ...from('198.51.100.3') });
    const other = await server.knock(wire, { ...as('binh'), ...from('198.51.100.3') });

    expect(third).toMatchObject(refusal(wire, 'TOO_MANY_CONNECTIONS'));
    expect(third.kind === 'refused' && third.retryMs).toBeGreaterThanOrEqual(1000);
    expect(other).toEqual({ kind: 'open' });
    expect(server.live.stats().limitHits['maxConnectionsPerUser']).toBe(1);
    server.leave(0);
    await vi.waitUntil(() => server.live.stats().connections === 2, { timeout: 10_000 });
    expect(await server.knock(wire, as('an'))).toEqual({ kind: 'open' });
  });

  it('one more connection from an address is refused for now, from another it is not; an IPv6 network is one address', async () => {
    await using server = await start({ maxConnectionsPerAddress: 2 });
    await server.knock('sse', from('2001:db8:1:2::1'));
    await server.knock('sse', from('2001:db8:1:2::2'));
    await server.knock('ws', from('198.51.100.7'));
    await server.knock('ws', from('198.51.100.7'));

    const sixth = await server.knock(wire, from('2001:db8:1:2:ffff::3'));
    const fourth = await server.knock(wire, from('198.51.100.7'));
    const others = [await server.knock(wire, from('2001:db8:1:3::1')), await server.knock(wire, from('198.51.100.8'))];

    for (const told of [sixth, fourth]) expect(told).toMatchObject(refusal(wire, 'TOO_MANY_CONNECTIONS'));
    expect(others).toEqual([{ kind: 'open' }, { kind: 'open' }]);
    expect(server.live.stats().limitHits['maxConnectionsPerAddress']).toBe(2);
  });

  it('who knocks too fast from one address is told to come back later; others, and the machine itself, are not', async () => {
    await using server = await start({ connectsPerSecondPerAddress: 0.1 });
    const told = [];
    for (let n = 0; n < 3; n += 1) told.push(await server.knock(wire, from('203.0.113.5')));
    const others = [await server.knock(wire, from('203.0.113.6'))];
    for (let n = 0; n < 3; n += 1) others.push(await server.knock(wire, {}));

    expect(told[0]).toEqual({ kind: 'open' });
    for (const refused of told.slice(1)) expect(refused).toMatchObject(refusal(wire, 'RATE_LIMITED'));
    expect(others.every(({ kind }) => kind === 'open')).toBe(true);
    expect(server.live.stats().limitHits['connectsPerSecondPerAddress']).toBe(2);
  });

  it('who knocks when too many do is told to come back later, from wherever', async () => {
    await using server = await start({ connectsPerSecond: 0.25 });
    const first = await server.knock(wire, from('203.0.113.5'));

    const second = await server.knock(wire, from('203.0.113.6'));

    expect(first).toEqual({ kind: 'open' });
    expect(second).toMatchObject(refusal(wire, 'RATE_LIMITED'));
    expect(server.live.stats().limitHits['connectsPerSecond']).toBe(1);
  });

  it('a channel with no room says so, and is counted', async () => {
    await using server = await start({});
    await server.knock('sse', {}, 'small:a');

    const told = await server.knock(wire, {}, 'small:a');

    // Over a WebSocket a channel is asked for by a command: the refusal is its answer, and the connection stays.
    expect(told).toMatchObject(
      wire === 'ws' ? { code: 'TOO_MANY_CONNECTIONS' } : refusal(wire, 'TOO_MANY_CONNECTIONS'),
    );
    expect(server.live.stats().limitHits['maxSubscribers']).toBe(1);
  });
});

describe('a client that polls', () => {
  it('arrives once, however often it comes back', async () => {
    await using server = await start({ connectsPerSecondPerAddress: 0.1 });
    const url = `http://127.0.0.1:${server.port}/live/poll?channel=log:a`;
    const headers = from('203.0.113.5');
    let connection = '';

    for (let n = 0; n < 5; n += 1) {
      const answer = await fetch(connection === '' ? url : `${url}&connection=${connection}`, { headers });
      expect(answer.status).toBe(200);
      connection = Object(await answer.json()).connection;
    }
    expect((await fetch(url, { headers })).status).toBe(429);
  });

  it('arrives before anything else of its request is read, and not on the id of a stream, or from elsewhere', async () => {
    await using server = await start({ connectsPerSecondPerAddress: 0.1 });
    const url = `http://127.0.0.1:${server.port}/live/poll?channel=log:a`;
    const at = async (query: string, address: string) =>
      (await fetch(`${url}${query}`, { headers: from(address) })).status;
    using stream = RawClient.get(server.port, '/live/sse?channel=log:a', from('203.0.113.5'));
    const [connected] = await stream.until('connected');
    const waiting = await server.knock('poll', from('203.0.113.6'));
    const polls = server.live.connections().filter(({ label }) => label === 'poll');
    expect([waiting, polls.length]).toEqual([{ kind: 'open' }, 1]);

    expect(await at(`&connection=${JSON.parse(connected?.data ?? '').connection}`, '203.0.113.5')).toBe(429);
    expect(await at(`&connection=${polls[0]?.id}&wait=none`, '203.0.113.5')).toBe(429);
    expect(await at('&wait=none', '203.0.113.6')).toBe(429);
    expect(await at(`&connection=${polls[0]?.id}&wait=none`, '203.0.113.6')).toBe(400);
    expect(await at('&wait=none', '203.0.113.7')).toBe(400);
  });
});

describe('a connection of nobody', () => {
  it('that becomes somebody who has no room left is closed, with a code that says come back', async () => {
    await using server = await start({ maxConnectionsPerUser: 1 });
    await server.knock('sse', as('an'));
    using client = new RawWebSocket({ port: server.port });

    client.send({ type: 'auth', id: 1, token: 'an' });
    await client.untilClosed();

    expect(client.frames).toContainEqual(
      expect.objectContaining({ type: 'error', id: 1, code: 'TOO_MANY_CONNECTIONS', retry: true }),
    );
    expect(client.closedWith?.code).toBe(3003);
  });

  it('that asks for nothing is closed after its time, and counted', async () => {
    await using server = await start({ unauthenticatedMs: 200 });
    using socket = new RawWebSocket({ port: server.port });
    using stream = RawClient.get(server.port, '/live/sse?ids=no');
    await socket.untilClosed();
    await stream.untilClosed();

    expect(socket.closedWith?.code).toBe(3005);
    expect(stream.named('close').map(({ data }) => JSON.parse(data).code)).toEqual([3005]);
    expect(server.live.stats().limitHits['unauthenticatedMs']).toBe(2);
  });
});
