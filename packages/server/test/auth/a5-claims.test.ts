/** A5: what a token must say, what it may not say, and what happens when it runs out in the middle of a stream. */
import { describe, expect, it, vi } from 'vitest';
import { all, everyWay } from './every-way.ts';
import { ISSUERS, seconds, startTokens, token } from './token-fixture.ts';
import { WAIT, WIRES } from './wires.ts';

const now = seconds();

describe('A5 the claims of a token', () => {
  it.each<[string, string, Record<string, unknown>]>([
    ['exp in the past', 'CREDENTIAL_EXPIRED', { exp: now - 60 }],
    ['exp 0', 'CREDENTIAL_EXPIRED', { exp: 0 }],
    ['exp negative', 'CREDENTIAL_EXPIRED', { exp: -1 }],
    ['no exp', 'UNAUTHENTICATED', { exp: undefined }],
    ['exp null', 'UNAUTHENTICATED', { exp: null }],
    ['exp as a text', 'UNAUTHENTICATED', { exp: String(now + 600) }],
    ['exp as a list', 'UNAUTHENTICATED', { exp: [now + 600] }],
    ['exp true', 'UNAUTHENTICATED', { exp: true }],
    ['nbf in the future', 'UNAUTHENTICATED', { nbf: now + 600 }],
    ['nbf as a text', 'UNAUTHENTICATED', { nbf: 'now' }],
    ['iat in the future', 'UNAUTHENTICATED', { iat: now + 600 }],
    ['iat as a text', 'UNAUTHENTICATED', { iat: 'now' }],
    ['iat negative', 'UNAUTHENTICATED', { iat: -5 }],
    ['no sub', 'UNAUTHENTICATED', { sub: undefined }],
    ['an empty sub', 'UNAUTHENTICATED', { sub: '' }],
    ['sub as a number', 'UNAUTHENTICATED', { sub: 7 }],
    ['sub as a list', 'UNAUTHENTICATED', { sub: ['7'] }],
    ['sub with a line break', 'UNAUTHENTICATED', { sub: '7\nx' }],
    ['sub with a hidden mark', 'UNAUTHENTICATED', { sub: '7\u202e' }],
    ['a sub of 257 characters', 'UNAUTHENTICATED', { sub: '7'.repeat(257) }],
    ['jti as a number', 'UNAUTHENTICATED', { jti: 5 }],
    ['an empty jti', 'UNAUTHENTICATED', { jti: '' }],
    ['roles as a text', 'UNAUTHENTICATED', { roles: 'admin' }],
    ['roles that are no texts', 'UNAUTHENTICATED', { roles: [1] }],
    ['grants that are no table', 'UNAUTHENTICATED', { fanfare: ['**'] }],
    ['grants for an action that is none', 'UNAUTHENTICATED', { fanfare: { read: ['**'] } }],
    ['grants on a pattern that is none', 'UNAUTHENTICATED', { fanfare: { subscribe: ['a**'] } }],
  ])('are refused: %s', async (_, code, over) => {
    await using running = await startTokens();

    expect(await everyWay(running, token('hs', { claims: over }))).toEqual(all(code));
  });

  it.each<[string, Record<string, unknown>]>([
    ['without iat and jti', { iat: undefined, jti: undefined }],
    ['nbf now', { nbf: now }],
    ['exp with a fraction', { exp: now + 600.5 }],
    ['exp at the end of time', { exp: 1e300 }],
    ['expired within the tolerance of the clock', { exp: now - 1 }],
    ['roles, a name and grants', { roles: ['admin'], name: 'An', fanfare: { subscribe: ['court:*'] } }],
    ['claims that nobody knows', { admin: true, __proto__: { sub: 'x' }, constructor: 'x' }],
  ])('are accepted: %s', async (_, over) => {
    const tolerant = ISSUERS.map((issuer) => ({ ...issuer, clockToleranceMs: 60_000 }));
    await using running = await startTokens(tolerant, { limits: { credentialGraceMs: 60_000 } });

    expect(await everyWay(running, token('hs', { claims: over }))).toEqual(all('open'));
  });

  it('count for as long as a verified token is remembered, and no longer', async () => {
    await using running = await startTokens(ISSUERS.map((issuer) => ({ ...issuer, clockToleranceMs: 0 })));
    const short = token('hs', { claims: { exp: seconds() + 2 } });
    const status = async (): Promise<number> =>
      (await fetch(`${running.url}/live/poll?channel=mine:7`, { headers: { Authorization: `Bearer ${short}` } }))
        .status;

    expect([await status(), await status()]).toEqual([200, 200]);
    await vi.waitUntil(async () => (await status()) === 401, WAIT);
  });
});

/** Shorter than by default, so that a test can wait for it. */
const GRACE_MS = 1500;

// Side by side: most of it is waiting.
describe.concurrent.each(WIRES)('A5 over %s a token that runs out', (name, connect) => {
  it('ends the connection: no event comes after it and the grace', async () => {
    await using running = await startTokens(ISSUERS, { limits: { credentialGraceMs: GRACE_MS } });
    const expiresAt = (seconds() + 2) * 1000;
    using client = await connect({
      port: running.port,
      channels: ['mine:7'],
      token: token('hs', { claims: { exp: expiresAt / 1000 } }),
    });
    const publishing = setInterval(() => void running.live.channel('mine:7').publish('at', Date.now()), 20);

    try {
      await vi.waitUntil(() => client.closed, WAIT);
    } finally {
      clearInterval(publishing);
    }

    const times = client.frames.flatMap((frame) => (frame.type === 'event' ? [Number(frame.data)] : []));
    expect(times.length).toBeGreaterThan(10);
    expect(times.at(-1)).toBeLessThanOrEqual(expiresAt + GRACE_MS);
    // And it lived for as long as it may.
    expect(times.at(-1)).toBeGreaterThan(expiresAt - 500);
    if (name !== 'poll') expect(client.closeCode).toBe(3006);
    expect(running.live.stats().connections).toBe(0);
  });

  it('does not end one that was refreshed in-band, and the connection stays the same', async () => {
    await using running = await startTokens(ISSUERS, { limits: { credentialGraceMs: GRACE_MS } });
    const expiresAt = (seconds() + 2) * 1000;
    const channels = ['mine:7'];
    using client = await connect({
      port: running.port,
      channels,
      token: token('hs', { claims: { exp: expiresAt / 1000 } }),
    });
    await vi.waitUntil(() => running.live.connections().length === 1, WAIT);
    const [before] = running.live.connections();

    const answer = await client.command({ type: 'auth', id: 1, token: token('hs', { claims: { jti: 'fresh' } }) });
    // A poll brings its own credential each time, and this client always the first one.
    if (name === 'poll') return;
    await vi.waitUntil(() => Date.now() > expiresAt + GRACE_MS + 500, WAIT);
    await running.live.channel('mine:7').publish('still', 1);
    await vi.waitUntil(() => client.frames.some((frame) => frame.type === 'event'), WAIT);

    expect(answer).toMatchObject({ type: 'authenticated', subject: '7' });
    expect(client.closed).toBe(false);
    expect(running.live.connections().map(({ id }) => id)).toEqual([before?.id]);
  });
});
