/** A8 in a browser: what a real EventSource and a real WebSocket send along with a ticket, and whom that lets in. */
import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { launchBrowser } from '@fanfare/testkit';
import { createFanfare, type Fanfare, log, memory, tokens } from 'fanfare';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';

const SECRET = 'a secret of the tests, long enough for HS256';
const DEADLINE = { timeout: 30_000, interval: 20 };
const GRACE_MS = 1500;
const channels = {
  'mine:{user}': log({
    access: ({ identity, params }) =>
      identity?.subject === params['user'] ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
  }),
};

const encode = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function tokenFor(seconds: number): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = { iss: 'me', aud: 'live', sub: '7', iat: now, exp: now + seconds };
  const input = `${encode({ alg: 'HS256', typ: 'JWT' })}.${encode(claims)}`;
  return `${input}.${createHmac('sha256', SECRET).update(input).digest('base64url')}`;
}

interface Site {
  readonly server: Server;
  readonly origin: string;
}

async function startSite(listener: RequestListener): Promise<Site> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { server, origin: `http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}` };
}

const empty: RequestListener = (_, res) => {
  res.setHeader('content-type', 'text/html').end('<!doctype html><title>a page</title>');
};

describe('A8: a ticket in a browser', () => {
  let browser: Browser;
  let live: Fanfare<typeof channels>;
  let home: Site;
  let app: Site;
  let other: Site;

  beforeAll(async () => {
    [app, other] = await Promise.all([startSite(empty), startSite(empty)]);
    live = createFanfare({
      engine: memory(),
      channels,
      authenticate: tokens({ issuers: [{ issuer: 'me', audience: 'live', algorithms: ['HS256'], secret: SECRET }] }),
      allowedOrigins: [app.origin, other.origin],
      limits: { credentialGraceMs: GRACE_MS },
    });
    home = await startSite((req, res) => live.handler(req, res, () => empty(req, res)));
    live.attach(home.server);
    browser = await launchBrowser();
  }, 120_000);
  afterAll(async () => {
    await browser?.close();
    await live?.close();
    for (const { server } of [home, app, other]) {
      server.close();
      server.closeAllConnections();
    }
  });

  const visit = async (site: Site): Promise<Page> => {
    const page = await (await browser.newContext()).newPage();
    await page.goto(`${site.origin}/page`);
    return page;
  };

  /** As a page asks for one: with a header, across origins after a preflight. */
  const ticketFor = (page: Page, token = tokenFor(60)): Promise<string> =>
    page.evaluate(
      async ([url, bearer]) => {
        const response = await fetch(`${url}/live/tickets`, { method: 'POST', headers: { authorization: bearer } });
        return (await response.json()).ticket;
      },
      [home.origin, `Bearer ${token}`] as const,
    );

  /** `subscribed`, or `closed`: the browser has given up. Keeps the source as `window.source`. */
  const openSource = (page: Page, ticket: string): Promise<string> =>
    page.evaluate(
      ([url]) =>
        new Promise<string>((resolve) => {
          const source = new EventSource(url);
          Object.assign(window, { source, got: [] as string[], connection: '' });
          source.addEventListener('connected', ({ data }) =>
            Object.assign(window, { connection: JSON.parse(data).connection }),
          );
          source.addEventListener('said', ({ data }) => Reflect.get(window, 'got').push(JSON.parse(data).data));
          source.addEventListener('subscribed', () => resolve('subscribed'));
          source.addEventListener('error', () => source.readyState === EventSource.CLOSED && resolve('closed'));
        }),
      [`${home.origin}/live/sse?channel=mine:7&ticket=${ticket}`] as const,
    );

  it.each<[string, () => [asks: Site, opens: Site], string]>([
    ['of a page on another host, there', () => [app, app], 'subscribed'],
    ['of a page of our own, there', () => [home, home], 'subscribed'],
    ['of a page on another host, on a third', () => [app, other], 'closed'],
    ['of a page on another host, on one of our own', () => [app, home], 'closed'],
    ['of a page of our own, on another host', () => [home, app], 'closed'],
  ])('%s: once, by an EventSource that sets no header', async (_, sites, expected) => {
    const [asks, opens] = sites();
    const ticket = await ticketFor(await visit(asks));
    const page = await visit(opens);

    expect(await openSource(page, ticket)).toBe(expected);
    expect(await openSource(page, ticket)).toBe('closed');
  });

  it('opens a WebSocket of its page, too', async () => {
    const page = await visit(app);
    const ticket = await ticketFor(page);

    const first = await page.evaluate(
      ([url]) =>
        new Promise<string>((resolve) => {
          const socket = new WebSocket(url);
          socket.onopen = () => socket.send(JSON.stringify({ type: 'subscribe', id: 1, channel: 'mine:7' }));
          socket.onmessage = ({ data }) => {
            const { type } = JSON.parse(data);
            if (type !== 'connected') resolve(type);
          };
        }),
      [`${home.origin.replace('http', 'ws')}/live/ws?ticket=${ticket}`] as const,
    );

    expect(first).toBe('subscribed');
  });

  it('opens a stream that lives on where the page refreshes its token by a POST beside it, and ends where it does not', async () => {
    const [kept, left] = [await visit(app), await visit(app)];
    for (const page of [kept, left])
      expect(await openSource(page, await ticketFor(page, tokenFor(3)))).toBe('subscribed');
    const opened = Date.now();

    const fresh = tokenFor(60);
    const status = await kept.evaluate(
      async ([url, token]) => {
        const response = await fetch(`${url}/live/uplink/${Reflect.get(window, 'connection')}`, {
          method: 'POST',
          headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
          body: JSON.stringify({ type: 'auth', id: 1, token }),
        });
        return (await response.json()).frames[0].type;
      },
      [home.origin, fresh] as const,
    );
    // The other one tries again by itself, with its ticket, which is used: the browser gives up.
    const isClosed = () => left.evaluate(() => Reflect.get(window, 'source').readyState === EventSource.CLOSED);
    await vi.waitUntil(isClosed, DEADLINE);
    await vi.waitUntil(() => Date.now() > opened + 3000 + GRACE_MS + 500, DEADLINE);
    await live.channel('mine:7').publish('said', 'still here');
    const got = () => kept.evaluate((): readonly string[] => Reflect.get(window, 'got'));
    await vi.waitUntil(async () => (await got()).length > 0, DEADLINE);

    expect(status).toBe('authenticated');
    expect(await got()).toEqual(['still here']);
  });
});
