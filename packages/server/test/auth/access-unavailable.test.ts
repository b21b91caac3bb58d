/** Nobody can say whether it is allowed: nobody gets in, everybody is told to come again, and the audit trail says whom nobody could answer for, and why. */
import { describe, expect, it, vi } from 'vitest';
import { AccessUnavailable, askApplication, log, tokens } from '../../src/index.ts';
import { ISSUERS, token } from './token-fixture.ts';
import { post, startAll, startStub, WAIT, WIRES } from './wires.ts';

const bearer = token('hs');
const an = { Authorization: `Bearer ${bearer}` };
const CODE = 'ACCESS_UNAVAILABLE';

/** Its application answers what does not contain `failsAt`. */
async function start() {
  const state: { failsAt: string | undefined } = { failsAt: undefined };
  const application = await startStub((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => {
      body += chunk;
    });
    req.on('end', () => {
      const fails = state.failsAt !== undefined && body.includes(state.failsAt);
      res.writeHead(fails ? 502 : 200, { 'Content-Type': 'application/json' }).end('{"allow":true}');
    });
  });
  const faults: unknown[] = [];
  const running = await startAll({
    authenticate: tokens({ issuers: ISSUERS }),
    authorize: askApplication({
      url: `http://127.0.0.1:${application.port}/`,
      secret: 'a secret between server and application',
      rememberMs: 0,
    }),
    channels: { 'room:{id}': log() },
    onError: (error) => faults.push(error),
  });
  const why = `Access could not be asked of http://127.0.0.1:${application.port}: it answered 502.`;
  const denials = async () => (await running.live.audit.read({ trail: 'denials' })).entries;
  return {
    ...{ running, state, faults, why, denials },
    async [Symbol.asyncDispose]() {
      await running[Symbol.asyncDispose]();
      await application[Symbol.asyncDispose]();
    },
  };
}

describe('an application that cannot be asked', () => {
  it('is 503 and Retry-After to a poll, and one line of the audit with the reason', async () => {
    await using server = await start();
    server.state.failsAt = '';

    const answer = await fetch(`${server.running.url}/live/poll?channel=room:1`, { headers: an });

    expect(answer.status).toBe(503);
    expect(answer.headers.get('retry-after')).toMatch(/^[1-9]\d*$/);
    expect(await answer.json()).toMatchObject({ error: { code: CODE } });
    await vi.waitUntil(async () => (await server.denials()).length > 0, WAIT);
    expect(await server.denials()).toEqual([
      expect.objectContaining({
        actor: 'user:7',
        action: 'subscribe',
        target: 'channel:room:1',
        details: { code: CODE, why: server.why, address: '127.0.0.1' },
      }),
    ]);
    expect(server.faults.map(String)).toEqual([`AccessUnavailable: ${server.why}`]);
  });

  it('is an event of the stream, which comes back', async () => {
    await using server = await start();
    server.state.failsAt = '';

    const answer = await fetch(`${server.running.url}/live/sse?channel=room:1`, { headers: an });
    const text = await answer.text();

    expect(answer.status).toBe(200);
    expect(text).toMatch(/^retry: ?\d+/m);
    expect(text).toMatch(new RegExp(`event: ?error\\n.*"code":"${CODE}".*"retry":true`));
    expect(text).toMatch(/event: ?close\n.*"reconnect":true/);
  });

  it.each(WIRES)('is an answer to a command that may be repeated, and changes nothing: %s', async (_, connect) => {
    await using server = await start();
    using client = await connect({ port: server.running.port, channels: ['room:1'], token: bearer });
    // Not the channel that it polls.
    server.state.failsAt = '"room:2"';
    expect(await client.command({ type: 'subscribe', id: 1, channel: 'room:2' })).toMatchObject({
      code: CODE,
      retry: true,
    });
    server.state.failsAt = '"publish"';
    const publish = { type: 'publish', id: 2, channel: 'room:1', event: 'e', data: 1 } as const;
    expect(await client.command(publish)).toMatchObject({ code: CODE, retry: true });
    server.state.failsAt = undefined;
    expect(await client.command({ ...publish, id: 3 })).toMatchObject({ type: 'published', duplicate: false });
    expect(await server.running.live.channel('room:1').history()).toMatchObject({ events: [{ data: 1 }] });
  });

  it('is 503 of the backend API to a user, and the result of an item of a batch', async () => {
    await using server = await start();
    server.state.failsAt = '';
    const body = { channel: 'room:1', event: 'e', data: 1 };

    const alone = await post(`${server.running.url}/live/api/publish`, body, an);
    const batch = await post(`${server.running.url}/live/api/batch`, { items: [body] }, an);

    expect([alone.status, alone.headers.get('retry-after')]).toEqual([503, '1']);
    expect(await alone.json()).toMatchObject({ error: { code: CODE } });
    expect(await batch.json()).toMatchObject({ results: [{ error: { code: CODE } }] });
  });
});

describe('a function of the application', () => {
  it('says by AccessUnavailable that it does not know, which is no fault of its own', async () => {
    await using running = await startAll({
      authorize: () => {
        throw new AccessUnavailable('The directory does not answer.');
      },
      channels: { 'room:{id}': log() },
      onError: () => {},
    });

    expect((await fetch(`${running.url}/live/poll?channel=room:1`)).status).toBe(503);
    await vi.waitUntil(async () => {
      const { entries } = await running.live.audit.read({ trail: 'denials' });
      return JSON.stringify(entries).includes('The directory does not answer.');
    }, WAIT);
  });
});

describe('keys of an issuer that cannot be had', () => {
  it('are 503 too, and audited as a sign-in that nobody could judge', async () => {
    await using keys = await startStub((_req, res) => res.writeHead(500).end());
    const { algorithms, audience, issuer } = { ...ISSUERS[1], algorithms: ['RS256' as const] };
    await using running = await startAll({
      authenticate: tokens({
        issuers: [
          { issuer: String(issuer), audience: audience ?? '', algorithms, jwks: `http://127.0.0.1:${keys.port}/` },
        ],
      }),
      channels: { 'room:{id}': log({ access: 'public' }) },
      onError: () => {},
    });

    const answer = await fetch(`${running.url}/live/poll?channel=room:1`, {
      headers: { Authorization: `Bearer ${token('rs')}` },
    });

    expect([answer.status, answer.headers.get('retry-after')]).toEqual([503, '1']);
    await vi.waitUntil(async () => {
      const { entries } = await running.live.audit.read({ trail: 'denials' });
      return entries.some(({ action, actor, details }) => {
        return action === 'sign-in' && actor === 'nobody' && JSON.stringify(details).includes('cannot be had');
      });
    }, WAIT);
  });
});
