/** A session and what it opened end together, on every wire: a screen that was left logged out shows nothing new. */
import { connectPoll, connectSse, connectWs } from '@fanfare/testkit';
import { expect, it, vi } from 'vitest';
import { logIn, post, startShowcase } from './start.ts';

const WAIT = { timeout: 20_000, interval: 10 };

it.each([
  ['ws', connectWs],
  ['sse', connectSse],
  ['poll', connectPoll],
])('who logs out is disconnected over %s, and stays logged in elsewhere', async (_, connect) => {
  await using server = await startShowcase();
  const [here, there] = [await logIn(server, 'admin'), await logIn(server, 'admin')];
  const me: { user: { id: number } } = await (
    await fetch(`${server.url}/api/me`, { headers: { Authorization: `Bearer ${here}` } })
  ).json();
  const channels = [`inbox:${me.user.id}`];
  using left = await connect({ port: server.port, channels, token: here });
  using kept = await connect({ port: server.port, channels, token: there });
  const stands = ({ frames }: typeof left) => frames.some(({ type }) => type === 'subscribed');
  await vi.waitUntil(() => stands(left) && stands(kept), WAIT);

  await post(server, '/api/logout', {}, { Authorization: `Bearer ${here}` });
  await vi.waitUntil(() => left.closed, WAIT);

  expect(kept.closed).toBe(false);
});

it('a session that is revoked opens no route of the systems any more, and a new login does', async () => {
  await using server = await startShowcase({ FANFARE_API_KEY: 'key-of-the-tests' });
  const statuses = async (token: string): Promise<readonly number[]> => {
    const headers = { Authorization: `Bearer ${token}` };
    const paths = ['/api/me', '/api/showcase/audit', '/api/devices', '/api/ws/clients', '/api/notifications/'];
    return Promise.all(paths.map(async (path) => (await fetch(server.url + path, { headers })).status));
  };
  const token = await logIn(server, 'admin');
  expect(await statuses(token)).toEqual([200, 200, 200, 200, 200]);

  const key = { 'X-API-Key': 'key-of-the-tests' };
  expect((await post(server, '/live/api/revoke', { subject: '1' }, key)).status).toBe(200);

  expect(await statuses(token)).toEqual([401, 401, 401, 401, 401]);
  // Tokens say whole seconds: those of the second of the revocation are revoked with the others.
  await vi.waitUntil(async () => (await statuses(await logIn(server, 'admin'))).every((status) => status === 200), {
    timeout: 20_000,
    interval: 500,
  });
});
