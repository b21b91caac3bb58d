/**
 * P11: ten thousand broken requests of each call of the backend API, and 2500 on a second engine. Each is answered with a code, or is what it says; what is refused
 * changes nothing, and a reader on a WebSocket does not notice.
 */
import { CASES, cases, type FuzzedCall, httpCases, judgeAnswers, RawWebSocket, sendCases } from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ATTACK_KEY, type AttackServer, startAttacked } from './attack-server.ts';

const KEY = { 'X-API-Key': ATTACK_KEY };
const POST = { method: 'POST', headers: KEY };

const BATCH: FuzzedCall = {
  ...POST,
  path: '/live/api/batch',
  bodies: [
    {
      items: [
        { channel: 'log:fuzz', event: 'e', data: { text: 'hi' }, idempotencyKey: 'k-1' },
        { channel: 'state:fuzz', data: [1, { a: null }], key: 'set-2' },
        { channel: 'no such', event: 'e', data: 1 },
      ],
    },
  ],
  maxBytes: 16 * 65_536,
};
const PUBLISH: FuzzedCall = {
  ...POST,
  path: '/live/api/publish',
  bodies: [
    { channel: 'log:fuzz', event: 'e', data: { text: 'hi' }, idempotencyKey: 'k-1' },
    { channel: 'signal:fuzz', event: 'e', data: null },
  ],
  free: ['data'],
};
const SET: FuzzedCall = {
  ...POST,
  path: '/live/api/set',
  bodies: [{ channel: 'state:fuzz', data: { score: [12, 9] }, key: 'set-2', idempotencyKey: 'k-2' }],
  free: ['data'],
};
const HISTORY: FuzzedCall = {
  ...POST,
  path: '/live/api/history',
  bodies: [{ channel: 'log:kept' }, { channel: 'log:fuzz', after: 'k3Zq81.15', limit: 3 }],
};
const REVOKE: FuzzedCall = {
  ...POST,
  path: '/live/api/revoke',
  bodies: [{ subject: 'nobody', issuedBefore: 1000 }, { tokenId: 't-1' }],
};
const AUDIT: FuzzedCall = {
  ...POST,
  path: '/live/api/audit',
  bodies: [
    { trail: 'acts', limit: 2 },
    { trail: 'denials', after: 'k3Zq81.15' },
  ],
};
const DISCONNECT: FuzzedCall = {
  ...POST,
  path: '/live/api/disconnect',
  bodies: [{ subject: 'nobody' }, { tokenId: 't-1', channel: 'log:none' }, { connection: 'Yk2fP0s9vQ1mZt3x' }],
};
const EXPLAIN: FuzzedCall = {
  ...POST,
  path: '/live/api/explain',
  bodies: [
    { channel: 'log:a', action: 'publish' },
    { channel: 'secret:a', action: 'subscribe', subject: 'an', roles: ['staff'] },
    { channel: 'log:a', action: 'history', token: 'a.b.c' },
  ],
};
const ASKING: FuzzedCall = {
  ...POST,
  path: fc.constantFrom('/live/api/channels', '/live/api/stats', '/live/api/connections'),
  bodies: [{}],
};

type Row = readonly [string, FuzzedCall];
const STORING: readonly Row[] = [
  ['publish', PUBLISH],
  ['a batch', BATCH],
  ['set', SET],
  ['history', HISTORY],
  ['revoke', REVOKE],
];
const OTHERS: readonly Row[] = [
  ['audit', AUDIT],
  ['disconnect', DISCONNECT],
  ['explain', EXPLAIN],
  ['channels, stats and connections', ASKING],
];

describe.each([
  ['memory', CASES, [...STORING, ...OTHERS]],
  ['sqlite', CASES / 4, STORING],
] as const)('P11 random mutations, on the engine %s,', { timeout: 300_000 }, (engine, count, rows) => {
  let server: AttackServer;
  beforeAll(async () => {
    server = await startAttacked({ FANFARE_ENGINE: engine });
  });
  afterAll(() => server[Symbol.asyncDispose]());

  it.each(rows)('of %s are refused with a code, or carried out', async (_, fuzzed) => {
    const { seed, values } = cases(httpCases(fuzzed), count);
    using reader = await openReader(server);

    const { problems, counts } = judgeAnswers(await sendCases(values, { port: server.port }));

    expect(problems, `seed ${seed}`).toEqual([]);
    expect(counts[200], `seed ${seed}`).toBeGreaterThan(count / 20);
    expect(counts[400], `seed ${seed}`).toBeGreaterThan(count / 10);
    await expectStillReading(reader);
    await server.expectUnharmed();
  });
});

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of which transports clients may use are refused, or count', async () => {
    await using server = await startAttacked();
    const call = { ...POST, path: '/live/api/transports' };
    const all = { transports: ['ws', 'sse', 'poll'] };
    const { seed, values } = cases(httpCases({ ...call, bodies: [all, { transports: ['poll'] }] }));

    const { problems } = judgeAnswers(await sendCases(values, { port: server.port }));

    expect(problems, `seed ${seed}`).toEqual([]);
    const restored = await fetch(server.url + call.path, {
      method: 'POST',
      headers: { ...KEY, 'Content-Type': 'application/json' },
      body: JSON.stringify(all),
    });
    expect(await restored.json()).toEqual(all);
    using reader = await openReader(server);
    await expectStillReading(reader);
    await server.expectUnharmed();
  });
});

/** Nobody in particular, whom no revocation can mean, reads what the server keeps. */
async function openReader({ port }: AttackServer): Promise<RawWebSocket> {
  const reader = new RawWebSocket({ port });
  await reader.answered();
  reader.send({ type: 'subscribe', id: 1, channel: 'log:kept' });
  await reader.until((frame) => frame.type === 'subscribed');
  return reader;
}

async function expectStillReading(reader: RawWebSocket): Promise<void> {
  reader.send({ type: 'ping' });
  await reader.until((frame) => frame.type === 'heartbeat');
  reader[Symbol.dispose]();
}
