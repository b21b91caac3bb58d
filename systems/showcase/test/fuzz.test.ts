/**
 * P11 on the systems, as `npm start` runs them: 2500 broken requests of each of the calls of scoreboard, inbox and rooms, with the credential that it wants. Each is
 * answered with a code, or is what it says; limits stay, and whoever asks comes from as many addresses as there are.
 */
import {
  cases,
  type FuzzedCall,
  httpCases,
  judgeAnswers,
  lateness,
  type ServerProcess,
  sendCases,
} from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, startShowcase } from './start.ts';

const KEY = 'key-of-the-tests';
/** What lies below them has its ten thousand in packages/server. */
const EACH = 2500;
let server: ServerProcess;
let tokens: Readonly<Record<'admin' | 'umpire' | 'spectator', string>>;

beforeAll(async () => {
  server = await startShowcase({ FANFARE_API_KEY: KEY, FANFARE_TRUST_PROXY: '127.0.0.1' }, { watchesLoop: true });
  tokens = {
    admin: await logIn(server, 'admin'),
    umpire: await logIn(server, 'umpire'),
    spectator: await logIn(server, 'spectator'),
  };
  await server.loop();
});
afterAll(() => server[Symbol.asyncDispose]());

/** Behind a proxy that is named, of one of 16 million addresses: what one of them may, is bounded. */
function from(credential: Readonly<Record<string, string>> = {}): fc.Arbitrary<Readonly<Record<string, string>>> {
  return fc
    .tuple(fc.nat({ max: 255 }), fc.nat({ max: 255 }), fc.nat({ max: 255 }))
    .map((rest) => ({ ...credential, 'X-Forwarded-For': `100.${rest.join('.')}` }));
}

function as(who: keyof typeof tokens): fc.Arbitrary<Readonly<Record<string, string>>> {
  return from({ Authorization: `Bearer ${tokens[who]}` });
}

const POST = { method: 'POST', isStrict: false };

const CALLS: readonly (readonly [string, () => FuzzedCall])[] = [
  [
    'what organisers change',
    () => ({
      method: 'PATCH',
      path: '/api/courts/court-1',
      headers: as('admin'),
      bodies: [
        { name: 'Sân 1', active: true, onMainBoard: true },
        { match: { names: ['A', 'B'], bestOf: 3, firstServer: 1 } },
      ],
    }),
  ],
  ['a device that asks', () => ({ ...POST, path: '/api/devices', headers: from(), bodies: [{ name: 'Phone' }] })],
  [
    'taps of an umpire',
    () => ({
      ...POST,
      path: fc.constantFrom('/api/court/1234/actions', '/api/scoreboard/actions'),
      headers: as('umpire'),
      bodies: [
        { action: 'pointA', idempotencyKey: 'tap-1', expectedVersion: 3, matchId: 'match-1' },
        ...['pointA', 'pointB', 'nextGame', 'undo', 'swap', 'reset', 'start'].map((action) => ({ action })),
        { action: 'retire', side: 1 },
      ],
    }),
  ],
  [
    'a score that another program tells',
    () => ({
      ...POST,
      path: '/api/sse/matches/match-1/score-update',
      headers: from({ 'X-API-Key': KEY }),
      bodies: [
        { team1Score: 21, team2Score: 19, currentSet: 1, team1Name: 'A', team2Name: 'B', server: 1 },
        { currentSet: 3 },
      ],
    }),
  ],
  ['who is in the rooms', () => ({ method: 'GET', path: '/api/ws/clients?limit=5', headers: as('admin') })],
  [
    'an order of notifications',
    () => ({
      method: 'POST',
      path: '/api/notifications/trigger/',
      headers: as('admin'),
      bodies: [
        {
          user_id: 5,
          title: 'Hello',
          message: 'You',
          type: 'success',
          url: '/x',
          data: { a: 1 },
          idempotency_key: 'k-1',
        },
        { user_ids: [3, 4], title: 'Hello' },
        { role: 'umpire', title: 'Hello', type: 'info' },
      ],
      free: ['data'],
    }),
  ],
  [
    'preferences',
    () => ({
      method: 'PUT',
      path: '/api/notifications/preferences/',
      headers: as('spectator'),
      bodies: [
        { types: { info: { on: true, sound: false } } },
        { quiet_hours: { on: true, from: '22:00', to: '07:00', time_zone: 'Asia/Ho_Chi_Minh' } },
      ],
    }),
  ],
  [
    'what is read',
    () => ({ method: 'POST', path: '/api/notifications/read-all/', headers: as('spectator'), bodies: [{ up_to: 3 }] }),
  ],
  [
    'lists',
    () => ({
      method: 'GET',
      path: fc.constantFrom(
        ...['/api/notifications/?before=9&limit=5&unread=true', '/api/notifications/analytics/?days=7&time_zone=UTC'],
        ...['/api/audit?limit=5&before=9', '/api/court/1234/status', '/api/matches/match-1', '/api/sse/connections'],
      ),
      headers: as('admin'),
    }),
  ],
];

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it.each(CALLS)('of %s are refused with a code, or carried out', async (_, call) => {
    const { seed, values } = cases(httpCases(call()), EACH);
    const { pid } = server;
    const before = await kept();

    const { problems, counts } = judgeAnswers(await sendCases(values, { port: server.port }));

    expect(problems, `seed ${seed}`).toEqual([]);
    expect(counts[400], `seed ${seed}`).toBeGreaterThan(EACH / 100);
    expect(lateness(await server.loop())).toBeUndefined();
    expect(await kept()).toEqual(before);
    expect(server.pid).toBe(pid);
    expect(server.output).not.toMatch(/"level":(50|60)|unhandled|uncaught/i);
  });
});

/** The match on the other court, whose PIN nobody sends, and that a session still counts. */
async function kept(): Promise<readonly unknown[]> {
  const headers = { Authorization: `Bearer ${tokens.umpire}` };
  const [court, me] = await Promise.all([
    fetch(`${server.url}/api/court/5678`),
    fetch(`${server.url}/api/me`, { headers }),
  ]);
  return [court.status, await court.json(), me.status, await me.json()];
}
