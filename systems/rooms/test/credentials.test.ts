/** Who comes to the rooms, over either protocol, is who the hub says: by token, key or ticket; and what is wrong is refused, and nobody's. */
import { createHash } from 'node:crypto';
import { expect, it, vi } from 'vitest';
import { clientsOf, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const KEY = 'a-key-of-a-program';
const hash = `sha256:${createHash('sha256').update(KEY).digest('base64url')}` as const;
const HOW = { reconnection: false };

async function tokenOf(url: string): Promise<string> {
  const answer = await fetch(`${url}/api/login`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ username: 'admin', password: 'demo' }),
  });
  return Object(await answer.json()).token;
}

it.each([['websocket'], ['polling']])('lets a ticket in over Socket.IO, %s, once', async (transport) => {
  await using server = await startRooms();
  const asked = await fetch(`${server.url}/live/tickets`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${await tokenOf(server.url)}` },
  });
  const { ticket } = Object(await asked.json());

  using first = await new IoClient(server.url, { ...HOW, transports: [transport], query: { ticket } }).welcomed();
  const who = server.live.connections().map(({ identity }) => identity);
  using second = new IoClient(server.url, { ...HOW, transports: [transport], query: { ticket } });
  await vi.waitUntil(() => second.refusals.length > 0, TIMEOUT);

  expect(first.socket.connected).toBe(true);
  expect(who.filter((identity) => identity !== '')).toHaveLength(1);
  expect(second.refusals).toEqual(['TICKET_INVALID']);
});

it('lets a program in with its key over Socket.IO, by header or auth', async () => {
  await using server = await startRooms({ live: { apiKeys: [{ id: 'billing', hash, grants: {} }] } });

  using byHeader = await new IoClient(server.url, { ...HOW, extraHeaders: { 'X-API-Key': KEY } }).welcomed();
  using byAuth = await new IoClient(server.url, { ...HOW, auth: { token: KEY } }).welcomed();
  const identities = server.live.connections().map(({ identity }) => identity);

  expect([byHeader.socket.connected, byAuth.socket.connected]).toEqual([true, true]);
  expect(identities.filter((identity) => identity.includes('billing'))).toHaveLength(2);
});

it.each<[string, unknown]>([
  ['no token of ours', 'nonsense'],
  ['not visible ASCII', 'tökén'],
  ['too long', 'x'.repeat(8193)],
  ['no text', { a: 1 }],
  ['empty', ''],
])('refuses what is %s over Socket.IO, and lets nobody in for it', async (_, token) => {
  await using server = await startRooms();
  using client = new IoClient(server.url, { ...HOW, auth: { token } });
  await vi.waitUntil(() => client.refusals.length > 0, TIMEOUT);

  expect(client.refusals).toEqual(['UNAUTHENTICATED']);
  expect(clientsOf(server)).toEqual([]);
});

it('refuses a wrong Authorization on the plain WebSocket, and welcomes who shows nothing', async () => {
  await using server = await startRooms();
  using wrong = server.connect({ headers: { Authorization: 'Bearer nonsense' } });
  await vi.waitUntil(() => wrong.closed !== undefined, TIMEOUT);
  using nobody = await server.connect().welcomed();
  using stale = await server.connect({ headers: { Cookie: 'fanfare_session=ended' } }).welcomed();

  expect(JSON.stringify(wrong.messages)).toContain('UNAUTHENTICATED');
  expect(JSON.stringify(wrong.messages)).not.toContain('welcome');
  expect(clientsOf(server)).toHaveLength(2);
  expect([nobody.closed, stale.closed]).toEqual([undefined, undefined]);
});
