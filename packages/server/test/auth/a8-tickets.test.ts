/** A8: a ticket opens one connection, within 30 s, for the page that asked for it; and no credential ends in a log. */
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { memory } from '../../src/index.ts';
import { systemClock } from '../../src/platform/system-clock.ts';
import { RawClient } from '../transports/live-fixture.ts';
import { ISSUERS, seconds, startTokens, token } from './token-fixture.ts';
import { answerOf, post, WAIT } from './wires.ts';

const APP = 'https://app.example.com';
const OTHER = 'https://other.example.com';
const bearer = (over = {}) => ({ Authorization: `Bearer ${token('hs', { claims: over })}` });

const start = (settings = {}) => startTokens(ISSUERS, { allowedOrigins: [APP, OTHER], ...settings });

async function ticket(url: string, headers: Record<string, string> = {}): Promise<string> {
  const { body } = await answerOf(post(`${url}/live/tickets`, {}, { ...bearer(), ...headers }));
  return Object(body).ticket;
}

type Way = (target: { port: number; url: string }, ticket: string, headers?: Record<string, string>) => Promise<string>;

/** `open`, or the code of the refusal. */
const WAYS: readonly (readonly [string, Way])[] = [
  [
    'sse',
    async ({ port }, value, headers = {}) => {
      using client = RawClient.get(port, `/live/sse?channel=mine:7&ticket=${value}`, headers);
      await vi.waitUntil(() => client.named('subscribed').length > 0 || client.body.endsWith('}'), WAIT);
      return client.status === 200 ? 'open' : JSON.parse(client.body).error.code;
    },
  ],
  [
    'poll',
    async ({ url }, value, headers = {}) => {
      const { status, code } = await answerOf(fetch(`${url}/live/poll?channel=mine:7&ticket=${value}`, { headers }));
      return status === 200 ? 'open' : String(code);
    },
  ],
  [
    'ws',
    async ({ port }, value, headers = {}) => {
      using socket = new RawWebSocket({ port, headers, path: `/live/ws?ticket=${value}` });
      socket.send({ type: 'subscribe', id: 1, channel: 'mine:7' });
      const decisive = () => socket.frames.find(({ type }) => type === 'subscribed' || type === 'error');
      const frame = await vi.waitUntil(() => decisive() ?? (socket.body !== '' ? 'refused' : undefined), WAIT);
      if (frame === 'refused') return JSON.parse(socket.body).error.code;
      return frame.type === 'error' ? frame.code : 'open';
    },
  ],
];

describe('A8 a ticket', () => {
  it('is given to who is somebody, for 30 s, and is never kept by a cache', async () => {
    await using running = await start();

    const response = await post(`${running.url}/live/tickets`, {}, bearer());
    const nobody = await answerOf(post(`${running.url}/live/tickets`, {}));
    const expired = await answerOf(post(`${running.url}/live/tickets`, {}, bearer({ exp: seconds() - 60 })));

    expect(response.headers.get('cache-control')).toBe('no-store');
    expect(await response.json()).toEqual({ ticket: expect.stringMatching(/^[\w-]{43}$/), expiresIn: 30 });
    expect(nobody).toMatchObject({ status: 401, code: 'UNAUTHENTICATED' });
    expect(expired).toMatchObject({ status: 401, code: 'CREDENTIAL_EXPIRED' });
  });

  it('is not given to another site that makes a browser ask with its cookie', async () => {
    await using running = await start();
    const cookie = { Cookie: `session=${token('hs')}` };
    const asked = (headers: Record<string, string>) =>
      answerOf(post(`${running.url}/live/tickets`, {}, { ...cookie, ...headers }));

    expect(await asked({ Origin: 'https://evil.example' })).toMatchObject({ status: 403, code: 'ORIGIN_FORBIDDEN' });
    expect(await asked({ 'Sec-Fetch-Site': 'cross-site' })).toMatchObject({ status: 403, code: 'ORIGIN_FORBIDDEN' });
    expect(await asked({ Origin: APP })).toMatchObject({ status: 200 });
  });
});

describe.each(WAYS)('A8 over %s a ticket', (_, open) => {
  it('opens once', async () => {
    await using running = await start();
    const value = await ticket(running.url);

    expect(await open(running, value)).toBe('open');
    expect(await open(running, value)).toBe('TICKET_INVALID');
  });

  it('opens nothing after 30 s', async () => {
    let skippedMs = 0;
    const clock = { ...systemClock, now: () => systemClock.now() + skippedMs };
    await using running = await start({ clock, engine: memory() });
    const [late, inTime] = [await ticket(running.url), await ticket(running.url)];

    skippedMs = 29_000;
    expect(await open(running, inTime)).toBe('open');
    skippedMs = 30_500;
    expect(await open(running, late)).toBe('TICKET_INVALID');
  });

  it.each<[string, Record<string, string>, Record<string, string>, string]>([
    ['the page that asked', { Origin: APP }, { Origin: APP }, 'open'],
    ['another page that may connect', { Origin: APP }, { Origin: OTHER }, 'TICKET_INVALID'],
    ['a page of our own, for another', { Origin: APP }, { 'Sec-Fetch-Site': 'same-origin' }, 'TICKET_INVALID'],
    ['another page, for one of our own', {}, { Origin: APP }, 'TICKET_INVALID'],
    ['another site that hides its name', {}, { 'Sec-Fetch-Site': 'cross-site' }, 'TICKET_INVALID'],
    ['a page that may not connect', { Origin: APP }, { Origin: 'https://evil.example' }, 'ORIGIN_FORBIDDEN'],
  ])('opens for its own page only: %s', async (_, asking, using_, expected) => {
    await using running = await start();
    const value = await ticket(running.url, asking);

    expect(await open(running, value, using_)).toBe(expected);
  });

  it.each(['', 'x', 'A'.repeat(43), '../..', "' OR 1=1 --", '%00', 'A'.repeat(3000)])(
    'that was never given opens nothing: %j',
    async (value) => {
      await using running = await start();

      expect(await open(running, encodeURIComponent(value))).toBe('TICKET_INVALID');
    },
  );

  it('that is wrong is not helped by a credential beside it', async () => {
    await using running = await start();

    expect(await open(running, 'A'.repeat(43), bearer())).toBe('TICKET_INVALID');
  });

  it('is worth no more than the credential that it stands for', async () => {
    await using running = await start();
    const revoked = await ticket(running.url);
    await running.live.revoke({ subject: '7' });

    expect(await open(running, revoked)).toBe('CREDENTIAL_REVOKED');
  });
});

describe('A8 an Authorization header', () => {
  it.each(['Bearer', 'Bearer  a b', 'Bearer "', 'Basic YTpi', 'bearer'])(
    'decides alone, whatever it is: the cookie beside it is not looked at: %s',
    async (authorization) => {
      await using running = await start({ apiKey: 'master' });
      const cookie = { Cookie: `session=${token('hs')}` };
      const read = (headers: Record<string, string>) =>
        answerOf(fetch(`${running.url}/live/poll?channel=mine:7`, { headers }));
      const call = (headers: Record<string, string>) =>
        answerOf(post(`${running.url}/live/api/stats`, {}, { 'X-API-Key': 'x', ...headers }));

      expect(await read(cookie)).toMatchObject({ status: 200 });
      expect(await read({ ...cookie, Authorization: authorization })).toMatchObject({ status: 401 });
      expect(await call({ ...cookie, Authorization: authorization })).toMatchObject({ status: 401 });
    },
  );
});

describe('A8 tickets of one user', () => {
  it('give way to each other when there are more than 64, and never to those of others', async () => {
    await using running = await start();
    const [, open] = WAYS[1] ?? [];
    const others = await ticket(running.url, bearer({ sub: '8' }));
    const mine: string[] = [];
    for (let n = 0; n < 66; n += 1) mine.push(await ticket(running.url));

    const verdicts = await Promise.all([mine[0], mine[1], mine[2], mine[65]].map((one) => open?.(running, one ?? '')));

    expect(verdicts).toEqual(['TICKET_INVALID', 'TICKET_INVALID', 'open', 'open']);
    // Of somebody else, who may not read this channel, but is known.
    expect(await open?.(running, others)).toBe('FORBIDDEN');
  });
});

describe('A8 who asks for tickets again and again', () => {
  it('is told to come back later, and nobody else is', async () => {
    const clock = { ...systemClock, now: () => 1000 };
    await using running = await start({ clock });
    const ask = (sub: string) => answerOf(post(`${running.url}/live/tickets`, {}, bearer({ sub })));
    const statuses: number[] = [];
    for (let n = 0; n < 130; n += 1) statuses.push((await ask('7')).status);

    expect(statuses.filter((status) => status === 200)).toHaveLength(128);
    expect(await ask('7')).toMatchObject({ status: 429, code: 'RATE_LIMITED' });
    expect((await ask('8')).status).toBe(200);
  });
});

describe('A8 a ticket in the URL of a request that does something', () => {
  it.each(['/live/tickets', '/live/uplink/some', '/live/api/stats'])(
    'is worth nothing, and not used up: POST %s',
    async (path) => {
      await using running = await start();
      const value = await ticket(running.url);

      const { status } = await answerOf(post(`${running.url}${path}?ticket=${value}`, { type: 'ping' }));

      expect(status).toBe(401);
      expect(await WAYS[1]?.[1](running, value)).toBe('open');
    },
  );
});

describe('A8 a stream that a ticket opened', () => {
  it('ends with the credential, unless that is refreshed by a POST beside it: a bare EventSource can', async () => {
    await using running = await start({ limits: { credentialGraceMs: 1500 } });
    const short = { Authorization: `Bearer ${token('hs', { claims: { exp: seconds() + 2 } })}` };
    const open = async () => {
      const { body } = await answerOf(post(`${running.url}/live/tickets`, {}, short));
      const client = RawClient.get(running.port, `/live/sse?channel=mine:7&ticket=${Object(body).ticket}`);
      const [connected] = await client.until('connected');
      return { client, id: JSON.parse(connected?.data ?? '').connection };
    };
    const [left, kept] = [await open(), await open()];

    const fresh = token('hs');
    const path = `${running.url}/live/uplink/${kept.id}`;
    const refreshed = await answerOf(
      post(path, { type: 'auth', id: 1, token: fresh }, { Authorization: `Bearer ${fresh}` }),
    );
    await left.client.untilClosed();
    await running.live.channel('mine:7').publish('still', 1);
    await kept.client.until('still');

    expect(refreshed.body).toEqual({ frames: [{ type: 'authenticated', id: 1, subject: '7' }] });
    expect(JSON.parse(left.client.named('close')[0]?.data ?? '')).toMatchObject({ code: 3006 });
    kept.client.socket.destroy();
  });
});
