/** D18: a server that was stopped beyond the life of a token looks at it again before it does anything for it. */
import { createHmac } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { RawWebSocket, startServerProcess } from '@fanfare/testkit';
import { expect, it, vi } from 'vitest';
import { claims, encode, seconds } from './token-fixture.ts';
import { answerOf, post, WAIT } from './wires.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/fanfare.js', import.meta.url));
const SECRET = 'a secret of the tests, long enough for HS256';
const ACCESS = `
channels: { 'room:{id}': { kind: log } }
issuers: [{ issuer: https://hs.example, audience: app, algorithms: [HS256], secret: '${SECRET}' }]
grants: { users: { subscribe: ['room:*'], publish: ['room:*'] } }
`;

function tokenFor(forSeconds: number): string {
  const input = `${encode({ alg: 'HS256' })}.${encode(claims('hs', { exp: seconds() + forSeconds }))}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

it('publishes nothing, and hands nothing over, for a token that ran out while it was stopped', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'fanfare-paused-'));
  writeFileSync(join(folder, 'access.yaml'), ACCESS);
  try {
    await using server = await startServerProcess({
      script: SCRIPT,
      args: ['serve', '--access', join(folder, 'access.yaml'), '--limits', 'credentialGraceMs=1000'],
      env: { FANFARE_API_KEY: 'master' },
    });
    const expiresAt = Date.now() + 3000;
    using socket = new RawWebSocket({ port: server.port, headers: { Authorization: `Bearer ${tokenFor(3)}` } });
    socket.send({ type: 'subscribe', id: 1, channel: 'room:1' });
    await vi.waitUntil(() => socket.frames.some(({ type }) => type === 'subscribed'), WAIT);

    server.pause();
    // What was sent in the meantime waits in the socket, and is read in the first turn after.
    await vi.waitUntil(() => Date.now() > expiresAt + 2500, WAIT);
    socket.send({ type: 'publish', id: 2, channel: 'room:1', event: 'late', data: 1 });
    socket.send({ type: 'subscribe', id: 3, channel: 'room:2' });
    server.resume();
    await vi.waitUntil(() => socket.closed, WAIT);

    const { body } = await answerOf(
      post(`${server.url}/live/api/history`, { channel: 'room:1' }, { 'X-API-Key': 'master' }),
    );
    expect(Object(body).events).toEqual([]);
    expect(socket.frames.filter(({ type }) => type === 'published' || type === 'event')).toEqual([]);
    expect(socket.frames.filter(({ type }) => type === 'subscribed')).toHaveLength(1);
    // No refusal of the channel, which a client would take for good.
    expect(socket.frames.filter(({ type }) => type === 'error')).toEqual([]);
    expect(socket.closedWith?.code).toBe(3006);
  } finally {
    rmSync(folder, { recursive: true });
  }
});
