/** The door of Socket.IO has what every other door of the hub has: addresses behind proxies, rates, pages of others, and a record. */
import { expect, it, vi } from 'vitest';
import { clientsOf, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const HANDSHAKE = '/socket.io/?EIO=4&transport=polling';
const from = (address: string): { readonly 'X-Forwarded-For': string } => ({ 'X-Forwarded-For': address });

it.each([['websocket'], ['polling']])(
  'counts who comes over %s by the address that the trusted proxy names',
  async (transport) => {
    await using server = await startRooms({
      live: { trustedHops: 1, limits: { connectsPerSecondPerAddress: 1, maxConnectionsPerAddress: 100 } },
    });
    const how = { transports: [transport], reconnection: false };
    const clients = Array.from(
      { length: 30 },
      () => new IoClient(server.url, { ...how, extraHeaders: from('203.0.113.9') }),
    );
    using other = new IoClient(server.url, { ...how, extraHeaders: from('203.0.113.10') });
    await other.welcomed();
    const letIn = () => clients.filter(({ socket }) => socket.connected).length;
    await vi.waitFor(() => expect(letIn() + clients.flatMap(({ refusals }) => refusals).length).toBe(30), TIMEOUT);

    // Ten at once, and one or two more for every second that it took.
    expect(letIn()).toBeGreaterThanOrEqual(10);
    expect(letIn()).toBeLessThan(20);
    expect(new Set(clientsOf(server).map(({ address }) => address))).toEqual(new Set(['203.0.113.9', '203.0.113.10']));
    expect(server.live.stats().limitHits['connectsPerSecondPerAddress']).toBeGreaterThan(10);
    for (const client of clients) client[Symbol.dispose]();
  },
);

it('holds few sessions that join nothing, of one network and of all, and none of them once they have ended', async () => {
  await using server = await startRooms({ live: { trustedHops: 1, limits: { connectsPerSecondPerAddress: 0 } } });
  const ask = async (address: string): Promise<number> =>
    (await fetch(`${server.url}${HANDSHAKE}`, { headers: from(address) })).status;

  const statuses = await Promise.all(Array.from({ length: 220 }, () => ask('203.0.113.9')));

  expect(statuses.filter((status) => status === 200)).toHaveLength(200);
  expect(statuses.filter((status) => status === 503)).toHaveLength(20);
  const last = await fetch(`${server.url}${HANDSHAKE}`, { headers: from('203.0.113.10') });
  const [, sid] = /"sid":"([^"]+)"/.exec(await last.text()) ?? [];
  expect(
    (await Promise.all(Array.from({ length: 199 }, () => ask('203.0.113.10')))).every((status) => status === 200),
  ).toBe(true);
  expect(await ask('203.0.113.10')).toBe(503);
  // Engine.IO's packet for a goodbye.
  await fetch(`${server.url}${HANDSHAKE}&sid=${sid}`, { method: 'POST', body: '1', headers: from('203.0.113.10') });
  expect(await ask('203.0.113.10')).toBe(200);
  expect(server.live.stats().limitHits['socketIoWaiting']).toBe(21);
  // Who joins waits no more: as many more may come as have joined.
  const clients = Array.from({ length: 3 }, () => new IoClient(server.url, { extraHeaders: from('203.0.113.11') }));
  await Promise.all(clients.map((client) => client.welcomed()));
  const others = await Promise.all(Array.from({ length: 200 }, () => ask('203.0.113.11')));
  expect(others.every((status) => status === 200)).toBe(true);
  for (const client of clients) client[Symbol.dispose]();
});

it('refuses a request with a cookie that a page of another site made without naming itself', async () => {
  await using server = await startRooms();
  const status = async (headers: Readonly<Record<string, string>>): Promise<number> =>
    (await fetch(`${server.url}${HANDSHAKE}`, { headers })).status;

  expect(await status({ Cookie: 'session=x', 'Sec-Fetch-Site': 'cross-site' })).toBe(403);
  expect(await status({ Cookie: 'session=x', 'Sec-Fetch-Site': 'same-site' })).toBe(403);
  expect(await status({ Cookie: 'session=x', 'Sec-Fetch-Site': 'same-origin' })).toBe(200);
  expect(await status({ 'Sec-Fetch-Site': 'cross-site' })).toBe(200);
});

it('records who was refused for the page that it came from, and once', async () => {
  const leftToRecord: Error[] = [];
  await using server = await startRooms({ onRefused: (error) => leftToRecord.push(error) });
  await fetch(`${server.url}${HANDSHAKE}`, { headers: { Origin: 'https://evil.example' } });
  await fetch(`${server.url}${HANDSHAKE}`, { headers: { Cookie: 'session=x', 'Sec-Fetch-Site': 'cross-site' } });
  using client = new IoClient(server.url, { extraHeaders: { Origin: 'https://evil.example' }, reconnection: false });
  await vi.waitFor(() => expect(client.refusals).toHaveLength(1), TIMEOUT);

  await vi.waitFor(async () => {
    const { entries } = await server.live.audit.read({ trail: 'denials' });
    const denied = { action: '/socket.io/' };
    expect(entries).toMatchObject([denied, denied, denied]);
    expect(JSON.stringify(entries).match(/ORIGIN_FORBIDDEN/g)).toHaveLength(3);
  }, TIMEOUT);
  expect(leftToRecord).toEqual([]);
});

it('keeps so many bytes of one address, over however many rooms, clients and protocols, and the others are not concerned', async () => {
  const storeRate = { perSecond: 1, burst: 4000 };
  await using server = await startRooms({ rooms: { storeRate }, live: { trustedHops: 1 } });
  const message = 'x'.repeat(998);
  using client = await new IoClient(server.url, { extraHeaders: from('203.0.113.9') }).welcomed();
  using plain = await server.connect({ headers: from('203.0.113.9') }).welcomed();
  using other = await new IoClient(server.url, { extraHeaders: from('203.0.113.10') }).welcomed();
  const send = async (who: IoClient, room: string): Promise<unknown> => {
    await who.ask('join-room', room);
    return who.ask('room-message', { room, message });
  };

  for (const room of ['a', 'b', 'c', 'd']) expect(await send(client, room)).toMatchObject({ type: 'room-message' });
  expect(await send(client, 'e')).toMatchObject({ type: 'error', code: 'RATE_LIMITED' });
  await plain.ask({ type: 'join-room', room: 'f' });
  expect(await plain.ask({ type: 'room-message', room: 'f', message })).toMatchObject({ code: 'RATE_LIMITED' });
  expect(await send(other, 'e')).toMatchObject({ type: 'room-message' });
  expect(server.live.stats().limitHits['roomBytes']).toBe(2);
});
