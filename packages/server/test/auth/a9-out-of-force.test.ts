/**
 * A9: a credential that goes out of force while something is done for it does nothing any more. It is looked at before the body of a
 * request is read and before a rule is asked, and both may take as long as the client, or the application, likes.
 */
import { request } from 'node:http';
import { connectWs } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { hashApiKey } from '../../src/auth/api-keys.ts';
import { type Authenticate, type GrantTable, grants, log, tokens } from '../../src/index.ts';
import { RawClient } from '../transports/live-fixture.ts';
import { ISSUERS, seconds, token } from './token-fixture.ts';
import { answerOf, post, startAll, WAIT } from './wires.ts';

const KEY = 'a-key-of-billing-0123456789';
const PUBLISH = { publish: ['chat:*', 'slow:*'], subscribe: ['chat:*'] };
const signed = (jti: string, fanfare: GrantTable, over = {}) => token('hs', { claims: { jti, fanfare, ...over } });
const bearer = (text: string) => ({ Authorization: `Bearer ${text}` });
const event = (channel: string) => ({ channel, event: 'said', data: 1 });

async function start() {
  const seen = { requests: 0, asked: 0 };
  let answer = (): void => {};
  const asking = new Promise<void>((resolve) => {
    answer = resolve;
  });
  const known = tokens({ issuers: ISSUERS });
  const authenticate: Authenticate = async (req, facts) => {
    const identity = await known(req, facts);
    seen.requests += 1;
    return identity;
  };
  const running = await startAll({
    ...{ authenticate, authorize: grants(), apiKey: 'master', limits: { credentialGraceMs: 0 } },
    apiKeys: [{ id: 'billing', hash: hashApiKey(KEY), grants: { publish: ['chat:*'] } }],
    channels: {
      'chat:{id}': log(),
      'admin:{id}': log(),
      'slow:{id}': log({
        access: {
          publish: async () => {
            seen.asked += 1;
            await asking;
            return { allow: true };
          },
        },
      }),
    },
  });
  // A key is known at once, and asks nobody.
  running.server.on('request', ({ headers }) => {
    if (headers['x-api-key'] !== undefined) seen.requests += 1;
  });
  const events = async (channel: 'chat:1' | 'slow:1') => Object(await running.live.channel(channel).history()).events;
  return { running, seen, answer, events };
}

/** A POST whose body ends only after `between`. */
function dribble(
  { port, path, headers }: { readonly port: number; readonly path: string; readonly headers: Record<string, string> },
  body: object,
  between: () => Promise<unknown>,
): Promise<{ readonly status: number; readonly code: unknown }> {
  const text = JSON.stringify(body);
  const all = { ...headers, 'Content-Type': 'application/json', 'Content-Length': String(text.length) };
  return new Promise((resolve, reject) => {
    const req = request({ host: '127.0.0.1', port, path, method: 'POST', headers: all }, async (res) => {
      const chunks: string[] = await res.setEncoding('utf8').toArray();
      resolve({ status: res.statusCode ?? 0, code: Object(JSON.parse(chunks.join('')).error).code });
    });
    req.on('error', reject);
    req.write(text.slice(0, 1));
    between().then(() => req.end(text.slice(1)), reject);
  });
}

async function streamOf(port: number, text: string, channel = 'chat:1') {
  const stream = RawClient.get(port, `/live/sse?channel=${channel}`, bearer(text));
  const [connected] = await stream.until('connected');
  const path = `/live/uplink/${JSON.parse(connected?.data ?? '').connection}`;
  return { stream, path, [Symbol.dispose]: () => stream[Symbol.dispose]() };
}

describe('A9 a credential that is revoked before the body of its request has come', () => {
  it.each<[string, Record<string, string>, object]>([
    ['a token', bearer(signed('t-1', PUBLISH)), { tokenId: 't-1' }],
    ['a key', { 'X-API-Key': KEY }, { tokenId: hashApiKey(KEY) }],
  ])('publishes nothing by the backend API, alone or in a batch: %s', async (_, headers, revocation) => {
    const { running, seen, events } = await start();
    await using _running = running;
    const { port } = running;
    const revoke = async (): Promise<void> => {
      await vi.waitUntil(() => seen.requests === 2, WAIT);
      await running.live.revoke(Object(revocation));
    };

    const answers = await Promise.all([
      dribble({ port, path: '/live/api/publish', headers }, event('chat:1'), revoke),
      dribble({ port, path: '/live/api/batch', headers }, { items: [event('chat:1')] }, revoke),
    ]);

    expect(answers).toEqual([
      { status: 401, code: 'CREDENTIAL_REVOKED' },
      { status: 200, code: undefined },
    ]);
    expect(await events('chat:1')).toEqual([]);
  });

  it('publishes nothing by the uplink', async () => {
    const { running, seen, events } = await start();
    await using _running = running;
    using mine = await streamOf(running.port, signed('t-0', PUBLISH));

    const answer = await dribble(
      { port: running.port, path: mine.path, headers: bearer(signed('t-1', PUBLISH)) },
      { type: 'publish', id: 1, ...event('chat:1') },
      async () => {
        await vi.waitUntil(() => seen.requests === 2, WAIT);
        await running.live.revoke({ tokenId: 't-1' });
      },
    );

    expect(answer).toEqual({ status: 401, code: 'CREDENTIAL_REVOKED' });
    expect(await events('chat:1')).toEqual([]);
  });
});

describe('A9 a credential that ends while a rule is asked', () => {
  it.each([
    ['it is revoked', 'CREDENTIAL_REVOKED'],
    ['it expires', 'CREDENTIAL_EXPIRED'],
  ])('publishes nothing, by the backend API and by the uplink: %s', async (_, code) => {
    const { running, seen, answer, events } = await start();
    await using _running = running;
    const exp = seconds() + (code === 'CREDENTIAL_EXPIRED' ? 3 : 600);
    const headers = bearer(signed('t-1', PUBLISH, { exp }));
    using mine = await streamOf(running.port, signed('t-0', PUBLISH));

    const answers = [
      answerOf(post(`${running.url}/live/api/publish`, event('slow:1'), headers)),
      answerOf(post(`${running.url}${mine.path}`, { type: 'publish', id: 1, ...event('slow:1') }, headers)),
    ];
    await vi.waitUntil(() => seen.asked === 2, WAIT);
    if (code === 'CREDENTIAL_EXPIRED') await vi.waitUntil(() => Date.now() >= exp * 1000, WAIT);
    else await running.live.revoke({ tokenId: 't-1' });
    answer();
    const [api, uplink] = await Promise.all(answers);

    expect(api?.code).toBe(code);
    expect(Object(uplink?.body).frames).toMatchObject([{ type: 'error', id: 1, code }]);
    expect(await events('slow:1')).toEqual([]);
  });

  it('publishes nothing over the WebSocket that it opened', async () => {
    const { running, seen, answer, events } = await start();
    await using _running = running;
    const text = signed('t-1', PUBLISH);
    using socket = await connectWs({ port: running.port, channels: ['chat:1'], token: text });
    const told = socket.command({ type: 'publish', id: 1, ...event('slow:1') });
    told.catch(() => {});
    await vi.waitUntil(() => seen.asked === 1, WAIT);

    await running.live.revoke({ tokenId: 't-1' });
    answer();
    await vi.waitUntil(() => socket.closed, WAIT);

    expect(await events('slow:1')).toEqual([]);
  });
});

describe('A9 a subscription by the uplink', () => {
  it('is allowed by the credential of its stream, and a better one has to become that, and ends it', async () => {
    const { running } = await start();
    await using _running = running;
    using mine = await streamOf(running.port, signed('weak', { subscribe: ['chat:*'] }));
    const strong = signed('strong', { subscribe: ['admin:*', 'chat:*'] });
    const url = `${running.url}${mine.path}`;
    const subscribe = { type: 'subscribe', id: 1, channel: 'admin:1' };
    const ask = async (frames: readonly object[]) =>
      Object((await answerOf(post(url, { frames }, bearer(strong)))).body).frames;

    expect(await ask([subscribe])).toMatchObject([{ type: 'error', code: 'FORBIDDEN' }]);
    expect(await ask([{ type: 'auth', id: 2, token: strong }, subscribe])).toMatchObject([
      { type: 'authenticated' },
      { type: 'subscribed', channel: 'admin:1' },
    ]);
    expect(await running.live.revoke({ tokenId: 'strong' })).toBe(1);
    await vi.waitUntil(() => mine.stream.closed, WAIT);
  });
});
