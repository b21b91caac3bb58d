/** A2: a key that a token brings along, or points to, is nobody's. Counted at the other end: no connection is ever made there. */

import { generateKeyPairSync, sign } from 'node:crypto';
import { describe, expect, it, vi } from 'vitest';
import { log, tokens } from '../../src/index.ts';
import { all, everyWay } from './every-way.ts';
import { encode, rsa, seconds, startTokens, token } from './token-fixture.ts';
import { answerOf, startAll, startStub, WAIT } from './wires.ts';

const theirs = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwkOf = (pair: typeof rsa, kid: string) => ({
  ...pair.publicKey.export({ format: 'jwk' }),
  kid,
  alg: 'RS256',
  use: 'sig',
});
const byThem = (input: string) => sign('RSA-SHA256', Buffer.from(input), theirs.privateKey).toString('base64url');

/** Serves keys, and counts who comes. */
async function keyServer(answer: () => { readonly status: number; readonly body: unknown }) {
  const counts = { connections: 0, requests: 0 };
  const stub = await startStub((_, res) => {
    counts.requests += 1;
    const { status, body } = answer();
    res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
  });
  stub.server.on('connection', () => {
    counts.connections += 1;
  });
  return { ...stub, counts, url: `http://127.0.0.1:${stub.port}/keys` };
}

const attacker = () => keyServer(() => ({ status: 200, body: { keys: [jwkOf(theirs, 'evil')] } }));
const issuerOf = (jwks: string) =>
  ({ issuer: 'https://rs.example', audience: 'app', algorithms: ['RS256'], jwks }) as const;

describe('A2 a key in the header of a token', () => {
  it.each<[string, (url: string) => Record<string, unknown>]>([
    ['jku', (jku) => ({ jku, kid: 'evil' })],
    ['x5u', (x5u) => ({ x5u, kid: 'evil' })],
    ['jwk', () => ({ jwk: jwkOf(theirs, 'evil') })],
    ['x5c', () => ({ x5c: [encode(theirs.publicKey.export({ type: 'spki', format: 'der' }).toString('base64'))] })],
    ['all of them', (url) => ({ jku: url, x5u: url, jwk: jwkOf(theirs, 'evil'), kid: 'evil' })],
    ['kid as an address', (kid) => ({ kid })],
  ])('opens nothing, and nobody is asked for it: %s', async (_, header) => {
    await using evil = await attacker();
    await using keys = await keyServer(() => ({ status: 200, body: { keys: [jwkOf(rsa, 'one')] } }));
    for (const issuers of [[issuerOf(keys.url)], undefined]) {
      await using running = await startTokens(issuers);
      const bad = token('rs', { header: header(evil.url), signature: byThem });

      expect(await everyWay(running, bad)).toEqual(all('UNAUTHENTICATED'));
    }
    expect(evil.counts).toEqual({ connections: 0, requests: 0 });
  });
});

describe('A2 the keys of an issuer', () => {
  it('are asked for only by a token of that issuer and algorithm', async () => {
    await using evil = await attacker();
    await using keys = await keyServer(() => ({ status: 200, body: { keys: [jwkOf(rsa, 'one')] } }));
    await using running = await startTokens([issuerOf(keys.url)]);

    for (const bad of [
      token('rs', { claims: { iss: evil.url } }),
      token('rs', { claims: { iss: keys.url } }),
      token('rs', { claims: { iss: undefined } }),
      token('rs', { header: { alg: 'ES256' } }),
      token('hs'),
      'not.a.token',
    ]) {
      expect(await everyWay(running, bad)).toEqual(all('UNAUTHENTICATED'));
    }

    expect([keys.counts.requests, evil.counts.connections]).toEqual([0, 0]);
  });

  it('are fetched once, whatever number of tokens and of unknown keys comes', async () => {
    await using keys = await keyServer(() => ({ status: 200, body: { keys: [jwkOf(rsa, 'one')] } }));
    await using running = await startTokens([issuerOf(keys.url)]);

    const good = [1, 2, 3].map((n) => token('rs', { header: { kid: 'one' }, claims: { jti: `t-${n}` } }));
    for (const one of good) expect(await everyWay(running, one)).toEqual(all('open'));
    for (let n = 0; n < 5; n += 1) {
      const bad = token('rs', { header: { kid: `unknown-${n}` } });
      expect(await everyWay(running, bad)).toEqual(all('UNAUTHENTICATED'));
    }

    expect(keys.counts.requests).toBe(1);
  });

  it('that were withdrawn are believed for 10 minutes, and no longer for a token that was seen before', async () => {
    let published = [jwkOf(rsa, 'one')];
    let now = Date.now();
    await using keys = await keyServer(() => ({ status: 200, body: { keys: published } }));
    const issuers = [issuerOf(keys.url)];
    await using running = await startAll({
      authenticate: tokens({ issuers, now: () => now }),
      channels: { 'open:{id}': log({ access: 'public' }) },
    });
    const seen = token('rs', { header: { kid: 'one' }, claims: { exp: seconds() + 3600 } });
    const codeOf = async () =>
      (
        await answerOf(
          fetch(`${running.url}/live/poll?channel=open:a`, { headers: { Authorization: `Bearer ${seen}` } }),
        )
      ).code;

    expect(await codeOf()).toBe(undefined);
    published = [jwkOf(theirs, 'two')];
    now += 599_000;
    expect([await codeOf(), keys.counts.requests]).toEqual([undefined, 1]);
    now += 1000;
    expect([await codeOf(), keys.counts.requests]).toEqual(['UNAUTHENTICATED', 2]);
  });

  it('that cannot be had are no verdict: a stream comes back, and is let in once they are there', async () => {
    let status = 500;
    await using keys = await keyServer(() => ({ status, body: { keys: [jwkOf(rsa, 'one')] } }));
    const faults: unknown[] = [];
    await using running = await startTokens([issuerOf(keys.url)], { onError: (error) => faults.push(error) });
    const get = () =>
      fetch(`${running.url}/live/poll?channel=mine:7`, { headers: { Authorization: `Bearer ${token('rs')}` } });

    expect(await answerOf(get())).toMatchObject({ status: 503, code: 'ACCESS_UNAVAILABLE' });
    status = 200;
    await vi.waitUntil(async () => (await get()).status === 200, WAIT);

    expect(String(faults[0])).toBe(
      'AccessUnavailable: The keys of the issuer https://rs.example cannot be had: JOSEError.',
    );
  });
});
