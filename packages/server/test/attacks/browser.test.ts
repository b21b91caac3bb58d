/**
 * B1, B2 and B6 in a real browser. The attacker's page is on another port of the same host: to a browser another origin and the
 * same site, so that it sends the cookie along whatever its SameSite says, and nothing but the Origin stands in between.
 */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { launchBrowser } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createFanfare, FanfareError, log, memory } from '../../src/index.ts';

interface Site {
  readonly origin: string;
  readonly server: Server;
}

let browser: Browser;
let app: Site;
let sites: { readonly listed: Site; readonly attacker: Site };
/** What came to the application, cookie and all. */
const seen: { readonly url: string; readonly origin: string; readonly cookie: string; readonly method: string }[] = [];
let live: ReturnType<typeof startApp>;

async function listen(server: Server): Promise<Site> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return { origin: `http://localhost:${typeof address === 'object' && address !== null ? address.port : 0}`, server };
}

/** Pages of nothing, with a frame whose origin is `null`. */
function pages(): Server {
  return createServer((_, res) =>
    res.writeHead(200, { 'Content-Type': 'text/html' }).end('<!doctype html><title>x</title>'),
  );
}

function startApp(allowedOrigins: readonly string[]) {
  return createFanfare({
    engine: memory(),
    channels: {
      'inbox:{user}': log({
        access: ({ identity, params }) =>
          identity?.subject === params['user'] ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
      }),
    },
    allowedOrigins,
    authenticate: ({ headers }) => {
      if (headers.authorization === 'Bearer bad') throw new FanfareError('UNAUTHENTICATED');
      const cookie = /session=(\w+)/.exec(headers.cookie ?? '')?.[1];
      const subject = cookie ?? headers.authorization?.replace('Bearer ', '');
      return subject === undefined ? undefined : { subject, roles: [] };
    },
  });
}

beforeAll(async () => {
  browser = await launchBrowser();
  sites = { listed: await listen(pages()), attacker: await listen(pages()) };
  live = startApp([sites.listed.origin]);
  const server = createServer((_, res) => {
    res.writeHead(200, { 'Set-Cookie': 'session=an; HttpOnly; SameSite=Lax; Path=/' }).end('logged in');
  });
  live.attach(server);
  const record = ({ url = '', method = '', headers }: IncomingMessage): void => {
    const { origin = '', cookie = '' } = headers;
    seen.push({ url, origin, cookie, method: headers.upgrade === undefined ? method : 'UPGRADE' });
  };
  server.prependListener('request', record);
  server.prependListener('upgrade', record);
  app = await listen(server);
  await live.channel('inbox:an').publish('secret', 'for an only');
});

afterAll(async () => {
  await browser.close();
  await live.close();
  for (const { server } of [app, sites.listed, sites.attacker]) {
    server.close();
    server.closeAllConnections();
  }
});

/** A page of a site, in a browser that is logged in at the application. */
async function open(site: Site): Promise<Page> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(`${app.origin}/login`);
  await page.goto(site.origin);
  seen.length = 0;
  return page;
}

/** What a WebSocket of the page comes to: its protocol once open, or its close code. */
function connectWebSocket(page: Page, protocols: readonly string[]): Promise<unknown> {
  return page.evaluate(`new Promise((resolve) => {
    const socket = new WebSocket(${JSON.stringify(`${app.origin.replace('http', 'ws')}/live/ws`)}, ${JSON.stringify(protocols)});
    const heard = [];
    socket.onmessage = ({ data }) => {
      heard.push(JSON.parse(data).type);
      if (heard.includes('connected')) resolve({ protocol: socket.protocol, heard });
    };
    socket.onclose = ({ code }) => resolve({ code, heard });
  })`);
}

/** What a fetch of the page comes to: status and body, or that the browser keeps it from the page. */
function fetchFrom(page: Page, path: string, init: object = {}): Promise<unknown> {
  return page.evaluate(`fetch(${JSON.stringify(app.origin + path)}, ${JSON.stringify({ credentials: 'include', ...init })})
    .then(async (answer) => ({ status: answer.status, type: answer.type, body: await answer.text() }), (error) => error.name)`);
}

describe('B1 a cross-site WebSocket', { timeout: 60_000 }, () => {
  it('is refused with 403 at the upgrade, though the browser sends the cookie with it', async () => {
    const page = await open(sites.attacker);

    const outcome = await connectWebSocket(page, ['fanfare.v1']);

    expect(outcome).toEqual({ code: 1006, heard: [] });
    expect(seen).toMatchObject([{ method: 'UPGRADE', cookie: expect.stringContaining('session=an') }]);
    expect(live.stats().connections).toBe(0);
    await page.context().close();
  });

  it('is refused from a sandboxed frame, whose origin is null', async () => {
    const page = await open(sites.attacker);
    const url = `${app.origin.replace('http', 'ws')}/live/ws`;
    const outcome = await page.evaluate(`new Promise((resolve) => {
      onmessage = ({ data }) => resolve(data);
      const frame = document.createElement('iframe');
      frame.sandbox = 'allow-scripts';
      frame.srcdoc = '<script>const s = new WebSocket(${JSON.stringify(url)}); s.onclose = ({ code }) => parent.postMessage({ code }, "*"); s.onopen = () => parent.postMessage("open", "*");</scr' + 'ipt>';
      document.body.append(frame);
    })`);

    expect(outcome).toEqual({ code: 1006 });
    expect(seen).toMatchObject([{ method: 'UPGRADE', origin: 'null' }]);
    await page.context().close();
  });

  it('is let in from a listed origin and from our own pages, as who the cookie says', async () => {
    for (const site of [sites.listed, app]) {
      const page = await open(site);

      expect(await connectWebSocket(page, ['fanfare.v1'])).toMatchObject({ protocol: 'fanfare.v1' });
      expect(live.connections()).toMatchObject([{ identity: 'an', label: 'ws' }]);
      await page.context().close();
      await expect.poll(() => live.stats().connections).toBe(0);
    }
  });
});

describe('B2 CORS', { timeout: 60_000 }, () => {
  const poll = '/live/poll?channel=inbox:an&cursor=x';

  it('keeps every answer from a page that is not listed, and does nothing for it', async () => {
    const page = await open(sites.attacker);

    expect(await fetchFrom(page, poll)).toBe('TypeError');
    expect(await fetchFrom(page, '/live/sse?channel=inbox:an')).toBe('TypeError');
    const source = await page.evaluate(`new Promise((resolve) => {
      const source = new EventSource(${JSON.stringify(`${app.origin}/live/sse?channel=inbox:an`)}, { withCredentials: true });
      source.onopen = () => resolve('open');
      source.onerror = () => resolve(source.readyState);
    })`);
    const readyStateClosed = 2;
    expect(source).toBe(readyStateClosed);
    // What needs no preflight is sent, and answered with 403 before anything is read.
    expect(
      await fetchFrom(page, '/live/uplink/x', { method: 'POST', mode: 'no-cors', body: '{"type":"ping"}' }),
    ).toMatchObject({ type: 'opaque' });
    const json = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"type":"ping"}' };
    expect(await fetchFrom(page, '/live/uplink/x', json)).toBe('TypeError');
    expect(seen.filter(({ cookie, method }) => method !== 'OPTIONS' && !cookie.includes('session=an'))).toEqual([]);
    expect(seen.filter(({ method, url }) => method === 'POST' && url === '/live/uplink/x')).toHaveLength(1);
    expect(live.stats()).toMatchObject({ connections: 0 });
    await page.context().close();
  });

  it('is no way round: images, scripts and forms of the attacker hold no stream and act on no account', async () => {
    const page = await open(sites.attacker);
    const loaded = await page.evaluate(`Promise.all(['img', 'script', 'iframe'].map((name) => new Promise((resolve) => {
      const element = document.createElement(name);
      element.onload = () => resolve([name, 'load']);
      element.onerror = () => resolve([name, 'error']);
      element.src = ${JSON.stringify(`${app.origin}/live/sse?channel=inbox:an&as=`)} + name;
      document.body.append(element);
    })))`);

    // A frame shows what came, and what came is the refusal.
    expect(loaded).toEqual([
      ['img', 'error'],
      ['script', 'error'],
      ['iframe', 'load'],
    ]);
    expect(seen.filter(({ url }) => url.includes('&as=')).map(({ cookie }) => cookie.includes('session=an'))).toEqual([
      true,
      true,
      true,
    ]);
    expect(live.stats()).toMatchObject({ connections: 0, subscriptions: 0 });
    await page.context().close();
  });

  it('lets a listed page read and command with its cookie: exact origin, credentials, never a star', async () => {
    const page = await open(sites.listed);

    const polled = await fetchFrom(page, poll);
    expect(polled).toMatchObject({ status: 200, type: 'cors' });
    const waits = await page.evaluate(`(async () => {
      const source = new EventSource(${JSON.stringify(`${app.origin}/live/sse?channel=inbox:an`)}, { withCredentials: true });
      const { connection } = await new Promise((resolve) => source.addEventListener('connected', ({ data }) => resolve(JSON.parse(data))));
      const answer = await fetch(${JSON.stringify(`${app.origin}/live/uplink/`)} + connection, {
        method: 'POST', credentials: 'include', headers: { 'Content-Type': 'application/json' }, body: '{"type":"ping"}',
      });
      source.close();
      return answer.json();
    })()`);
    expect(waits).toMatchObject({ frames: [{ type: 'heartbeat' }] });
    const answer = await fetch(app.origin + poll, { headers: { Origin: sites.listed.origin, Cookie: 'session=an' } });
    expect(answer.headers.get('access-control-allow-origin')).toBe(sites.listed.origin);
    expect(answer.headers.get('access-control-allow-credentials')).toBe('true');
    expect(answer.headers.get('vary')).toContain('Origin');
    await page.context().close();
  });
});

describe('B6 the subprotocol', { timeout: 60_000 }, () => {
  const bearer = (token: string): string => `bearer.${Buffer.from(token).toString('base64url')}`;

  it('carries a token that the browser sends and the server never echoes', async () => {
    const page = await open(app);
    await page.context().clearCookies();

    expect(await connectWebSocket(page, ['fanfare.v1', bearer('binh')])).toMatchObject({ protocol: 'fanfare.v1' });
    expect(live.connections()).toMatchObject([{ identity: 'binh' }]);
    await page.context().close();
    await expect.poll(() => live.stats().connections).toBe(0);
  });

  it('must be offered beside a token: a browser gives up a connection whose offers are all ignored', async () => {
    const page = await open(app);

    expect(await connectWebSocket(page, [bearer('binh')])).toMatchObject({ code: 1006 });
    await page.context().close();
    await expect.poll(() => live.stats().connections).toBe(0);
  });

  it('with a token that is refused ends inside, with a code that says why', async () => {
    const page = await open(app);

    expect(await connectWebSocket(page, ['fanfare.v1', bearer('bad')])).toEqual({
      code: 3502,
      heard: ['error', 'close'],
    });
    await page.context().close();
  });
});
