/** Access that an application decides over HTTP: signed, in time, remembered, and closed to everybody where it does not answer. */
import { createHmac } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { describe, expect, it, vi } from 'vitest';
import { type AskApplicationOptions, askApplication, log, tokens } from '../../src/index.ts';
import { ISSUERS, token } from './token-fixture.ts';
import { answerOf, startAll, startStub, WAIT, WIRES } from './wires.ts';

const SECRET = 'a secret between server and application';

interface Asked {
  readonly signature: string;
  readonly body: string;
}

type Answer = (res: ServerResponse, body: Record<string, unknown>) => void;

async function application(answer: Answer) {
  const asked: Asked[] = [];
  const stub = await startStub((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    req.on('end', () => {
      // A caller whose time was up has hung up in the middle of it.
      if (!req.complete || body === '') return;
      asked.push({ signature: String(req.headers['fanfare-signature']), body });
      answer(res, JSON.parse(body));
    });
  });
  return { ...stub, asked, url: `http://127.0.0.1:${stub.port}/access` };
}

const json = (res: ServerResponse, body: unknown, status = 200): void => {
  res.writeHead(status, { 'Content-Type': 'application/json' }).end(JSON.stringify(body));
};

const faults: unknown[] = [];
const start = (url: string, options: Partial<AskApplicationOptions> = {}) =>
  startAll({
    authenticate: tokens({ issuers: ISSUERS }),
    authorize: askApplication({ url, secret: SECRET, ...options }),
    channels: { 'room:{id}': log() },
    onError: (error) => faults.push(error),
  });

const an = { Authorization: `Bearer ${token('hs', { claims: { roles: ['member'] } })}` };
const poll = (url: string, channel = 'room:1') =>
  answerOf(fetch(`${url}/live/poll?channel=${channel}`, { headers: an }));

describe('an application that is asked', () => {
  it('is told everything that it needs, with a signature that it can check', async () => {
    await using app = await application((res) => json(res, { allow: true }));
    await using running = await start(app.url);

    expect(await poll(running.url)).toMatchObject({ status: 200 });

    const [{ signature, body } = { signature: '', body: '' }] = app.asked;
    expect(JSON.parse(body)).toEqual({
      action: 'subscribe',
      channel: 'room:1',
      params: { id: '1' },
      address: '127.0.0.1',
      identity: { subject: '7', roles: ['member'], claims: expect.objectContaining({ iss: 'https://hs.example' }) },
    });
    const [, time = '', v1] = /^t=(\d+),v1=([0-9a-f]{64})$/.exec(signature) ?? [];
    expect(v1).toBe(createHmac('sha256', SECRET).update(`${time}.${body}`).digest('hex'));
    expect(Math.abs(Date.now() / 1000 - Number(time))).toBeLessThan(10);
  });

  it.each(WIRES)('decides about reading and writing by itself: %s', async (_, connect) => {
    await using app = await application((res, { action, channel }) =>
      json(
        res,
        action === 'publish' || channel === 'room:1'
          ? { allow: true }
          : { allow: false, status: 403, code: 'NOT_A_MEMBER', message: 'Join first.' },
      ),
    );
    await using running = await start(app.url);
    using client = await connect({ port: running.port, channels: ['room:1'], token: an.Authorization.slice(7) });

    expect(await client.command({ type: 'subscribe', id: 1, channel: 'room:2' })).toMatchObject({
      code: 'NOT_A_MEMBER',
      message: 'Join first.',
    });
    expect(await client.command({ type: 'publish', id: 2, channel: 'room:1', event: 'e', data: 1 })).toMatchObject({
      type: 'published',
    });
  });

  it('is asked once for many who ask the same, together or one after the other', async () => {
    await using app = await application((res) => json(res, { allow: true }));
    await using running = await start(app.url);

    await Promise.all(Array.from({ length: 20 }, () => poll(running.url)));
    await poll(running.url);
    expect(app.asked).toHaveLength(1);
    await poll(running.url, 'room:2');
    expect(app.asked).toHaveLength(2);
  });

  it('is asked again once its answer is old', async () => {
    await using app = await application((res) =>
      json(res, { allow: app.asked.length === 1, status: 403, code: 'GONE' }),
    );
    await using running = await start(app.url, { rememberMs: 100 });

    expect(await poll(running.url)).toMatchObject({ status: 200 });
    await vi.waitUntil(async () => (await poll(running.url)).code === 'GONE', WAIT);
  });

  it.each<[string, Answer, string]>([
    ['fails', (res) => json(res, { allow: true }, 500), 'it answered 500'],
    ['has no such path', (res) => json(res, { allow: true }, 404), 'it answered 404'],
    ['sends elsewhere', (res) => res.writeHead(302, { Location: '/allow' }).end(), 'TypeError'],
    ['says something else', (res) => json(res, { allowed: true }), 'it answered { allowed: true }'],
    ['says yes as a text', (res) => json(res, { allow: 'true' }), 'it answered { allow: a string }'],
    [
      'says no under a status that is none',
      (res) => json(res, { allow: false, status: 200 }),
      'it answered { allow: false, status: 200, code: a string }',
    ],
    ['says no JSON', (res) => res.end('yes'), 'it answered nothing'],
    ['says nothing', (res) => res.end(), 'it answered nothing'],
    ['hangs up', (res) => res.destroy(), 'TypeError'],
    ['is too slow', () => {}, 'TimeoutError'],
    ['does not stop', (res) => res.end('x'.repeat(20_000)), 'its answer is too long'],
    ['stops amid its answer', (res) => res.write('{"allow":'), 'TimeoutError'],
    [
      'hangs up amid its answer',
      (res) => res.writeHead(200, { 'Content-Length': 100 }).write('{', () => res.destroy()),
      'TypeError',
    ],
  ])('lets nobody in where it %s, and it is tried again', async (_, answer, why) => {
    faults.length = 0;
    let isWell = false;
    await using app = await application((res, body) => (isWell ? json(res, { allow: true }) : answer(res, body)));
    await using running = await start(app.url, { timeoutMs: 300 });

    expect(await poll(running.url)).toMatchObject({ status: 503, code: 'ACCESS_UNAVAILABLE' });
    expect(String(faults[0])).toBe(
      `AccessUnavailable: Access could not be asked of ${new URL(app.url).origin}: ${why}.`,
    );
    isWell = true;
    expect(await poll(running.url)).toMatchObject({ status: 200 });
  });

  it('takes a plain no as FORBIDDEN', async () => {
    faults.length = 0;
    await using app = await application((res) => json(res, { allow: false }));
    await using running = await start(app.url);

    expect(await poll(running.url)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(faults).toEqual([]);
  });

  it.each([
    [{ url: 'ftp://x', secret: SECRET }, /url: expected an http or https URL/],
    [{ url: 'http://x', secret: 'short' }, /secret: expected at least 32 bytes\.$/],
  ])('is refused at the start with %j', (options, message) => {
    expect(() => askApplication(options)).toThrow(message);
  });
});
