/** Whom the systems' own routes refuse is named in the audit trail, as whom the hub refuses is. */
import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, post, startShowcase } from './start.ts';

const KEY = 'key-of-the-tests';
const WITHIN = { timeout: 20_000, interval: 100 };

let server: ServerProcess;
beforeAll(async () => {
  server = await startShowcase({ FANFARE_API_KEY: KEY });
});
afterAll(() => server[Symbol.asyncDispose]());

interface Entry {
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: { readonly code: string };
}

/** Who was refused, oldest first. */
async function denials(): Promise<readonly (readonly string[])[]> {
  const answer = await post(server, '/live/api/audit', { trail: 'denials', limit: 1000 }, { 'X-API-Key': KEY });
  const { entries }: { entries: readonly Entry[] } = await answer.json();
  return entries.map(({ actor, action, target, details }) => [actor, action, target, details.code]);
}

const FORBIDDEN = [403, 'FORBIDDEN'] as const;

describe('the audit trail of npm start', () => {
  it.each([
    ['the audit', 'GET', '/api/showcase/audit', 'server', FORBIDDEN],
    ['the greeting of the start page', 'POST', '/api/showcase/hello', 'channel:public:hello', FORBIDDEN],
    ['the clients of the rooms', 'GET', '/api/ws/clients', 'channel:rooms', FORBIDDEN],
    ['sending to an inbox', 'POST', '/api/notifications/trigger/', 'server', FORBIDDEN],
    ['the devices of the courts', 'GET', '/api/devices', 'server', FORBIDDEN],
    ['a point of a match', 'POST', '/api/court/1234/actions', 'server', [403, 'DEVICE_NOT_VERIFIED']],
  ] as const)('names the user who is refused %s', async (_, method, path, target, [status, code]) => {
    const headers = { Authorization: `Bearer ${await logIn(server, 'spectator')}` };
    const { user } = await (await fetch(`${server.url}/api/me`, { headers })).json();

    const refused =
      method === 'GET' ? await fetch(server.url + path, { headers }) : await post(server, path, {}, headers);

    expect([refused.status, (await refused.json()).error.code]).toEqual([status, code]);
    // What stands behind three parts of a path may be a secret.
    const action = path.split('/', 4).join('/');
    await expect.poll(denials, WITHIN).toContainEqual([`user:${user.id}`, action, target, code]);
  });

  it('names nobody who has not been let in, and tells who is refused no more than before', async () => {
    const guess = { Authorization: 'Bearer nonsense' };
    const refused = await fetch(`${server.url}/api/ws/clients`, { headers: guess });
    const spectator = { Authorization: `Bearer ${await logIn(server, 'spectator')}` };
    const known = await fetch(`${server.url}/api/ws/clients`, { headers: spectator });

    expect(refused.status).toBe(401);
    await expect.poll(denials, WITHIN).toContainEqual(['nobody', '/api/ws/clients', 'server', 'UNAUTHENTICATED']);
    expect(Object.keys((await known.json()).error).sort()).toEqual(['code', 'details', 'message']);
  });
});
