/** By what names a server may be called, over every wire: a page whose name was made to lead here is no page of ours. */
import { once } from 'node:events';
import { createServer, request } from 'node:http';
import { RawWebSocket } from '@fanfare/testkit';
import pino from 'pino';
import { describe, expect, it, vi } from 'vitest';
import { OriginPolicy, Router, startServer } from '../../src/http/index.ts';
import { createFanfare, log, memory } from '../../src/index.ts';

interface Asked {
  readonly status: number;
  readonly code: string | undefined;
}

/** `fetch` may not choose its Host. */
async function ask(
  port: number,
  path: string,
  headers: Readonly<Record<string, string>>,
  method = 'GET',
): Promise<Asked> {
  const req = request({ port, host: '127.0.0.1', path, method, headers });
  req.end();
  const [res] = await once(req, 'response');
  if (String(res.headers['content-type']).startsWith('text/event-stream')) {
    req.destroy();
    return { status: res.statusCode, code: undefined };
  }
  let text = '';
  for await (const chunk of res) text += String(chunk);
  const body: unknown = text.startsWith('{') ? JSON.parse(text) : {};
  return { status: res.statusCode, code: Object(Object(body).error).code };
}

async function webSocket(port: number, headers: Readonly<Record<string, string>>, path = '/live/ws'): Promise<number> {
  using socket = new RawWebSocket({ port, path, headers });
  await socket.answered();
  return socket.status;
}

async function start(config: { publicOrigins?: readonly string[]; trustProxy?: number } = {}) {
  const { publicOrigins = [], trustProxy = 0 } = config;
  const cookies: boolean[] = [];
  const lines: string[] = [];
  const live = createFanfare({
    engine: memory(),
    channels: { 'free:{id}': log({ access: 'public' }) },
    publicOrigins,
    trustedHops: trustProxy,
    authenticate: (_, { mayUseCookie }) => {
      cookies.push(mayUseCookie);
      return undefined;
    },
  });
  const routes = new Router().get('/page', (exchange) => exchange.send(200, {}));
  const logger = pino({ level: 'info' }, { write: (line: string) => void lines.push(line) });
  const config_ = { port: 0, host: '127.0.0.1', trustProxy, logRequests: false, publicOrigins };
  const running = await startServer({ config: config_, live, logger, routes: [routes] });
  const [address] = [`127.0.0.1:${running.port}`];
  return {
    ...{ live, cookies, lines, address, port: running.port },
    [Symbol.asyncDispose]: () => running.close(),
  };
}

const PATHS = ['/live/sse?channel=free:a', '/live/poll?channel=free:a', '/live/fanfare.js', '/page', '/metrics'];
const OURS = 'https://live.example.com';

describe('a server whose own origins are given', () => {
  it.each([
    'evil.example',
    'evil.example:3001',
    'live.example.com.evil.example',
    'localhost.evil.example',
    '127.0.0.1.evil.example',
    'fanfare',
    'x.localhost',
    '[::1].evil.example',
    '[::1]:80@evil.example',
    '[live.example.com]',
    'evil.example@live.example.com',
  ])('answers 421 to the name %s, on every path and wire', async (host) => {
    await using server = await start({ publicOrigins: [OURS] });

    for (const path of PATHS) expect(await ask(server.port, path, { Host: host }), path).toEqual(UNKNOWN);
    expect(await ask(server.port, '/live/uplink/x', { Host: host, Origin: OURS }, 'POST')).toEqual(UNKNOWN);
    expect(await ask(server.port, '/live/api/publish', { Host: host }, 'POST')).toEqual(UNKNOWN);
    expect(await webSocket(server.port, { Host: host })).toBe(421);
    expect(await webSocket(server.port, { Host: host, Origin: OURS })).toBe(421);
    expect(server.cookies).toEqual([]);
    expect(server.lines.filter((line) => line.includes('publicOrigins')).length).toBeGreaterThan(0);
  });

  it.each(['live.example.com', 'LIVE.example.com.', 'live.example.com:443', 'localhost', '127.0.0.1', '[::1]:3001'])(
    'is called %s',
    async (host) => {
      await using server = await start({ publicOrigins: [OURS] });

      expect(await ask(server.port, '/live/sse?channel=free:a', { Host: host })).toEqual({
        status: 200,
        code: undefined,
      });
      expect(await webSocket(server.port, { Host: host, Origin: OURS })).toBe(101);
    },
  );

  it('has the pages of exactly these origins, whatever the request came to', async () => {
    await using server = await start({ publicOrigins: [OURS] });
    const asFrom = (Origin: string, Host = 'live.example.com') =>
      ask(server.port, '/live/poll?channel=free:a', { Host, Origin });

    expect((await asFrom(OURS)).status).toBe(200);
    for (const other of [
      'http://live.example.com',
      'https://live.example.com:8443',
      `http://${server.address}`,
      'null',
    ]) {
      expect(await asFrom(other), other).toEqual({ status: 403, code: 'ORIGIN_FORBIDDEN' });
      expect(await webSocket(server.port, { Host: 'live.example.com', Origin: other })).toBe(403);
    }
    expect(await asFrom(`http://${server.address}`, server.address)).toMatchObject({ status: 403 });
  });

  it('believes no cookie under any other name, not even its address', async () => {
    await using server = await start({ publicOrigins: [OURS] });
    const cookie = async (Host: string) => {
      await ask(server.port, '/live/poll?channel=free:a', { Host, Cookie: 'session=1' });
      return server.cookies.pop();
    };

    expect(await cookie('live.example.com')).toBe(true);
    expect(await cookie(server.address)).toBe(false);
    expect(await cookie('localhost')).toBe(false);
  });

  it('tells a balancer by any name how it is', async () => {
    await using server = await start({ publicOrigins: [OURS] });

    for (const path of ['/healthz', '/readyz']) {
      expect(await ask(server.port, path, { Host: 'pod-7.cluster.example' })).toMatchObject({ status: 200 });
    }
  });

  it('has who called it by another name on record', async () => {
    await using server = await start({ publicOrigins: [OURS] });
    await ask(server.port, '/live/sse?channel=free:a', { Host: 'evil.example' });

    await vi.waitUntil(async () =>
      JSON.stringify(await server.live.audit.read({ trail: 'denials' })).includes('HOST_UNKNOWN'),
    );
  });
});

describe('a server whose own origins are not given', () => {
  it('refuses what comes from its own machine under a name that a stranger can have', async () => {
    await using server = await start();
    const host = `evil.example:${server.port}`;

    for (const path of PATHS) expect(await ask(server.port, path, { Host: host }), path).toEqual(UNKNOWN);
    expect(await webSocket(server.port, { Host: host, Origin: `http://${host}` })).toBe(421);
  });

  it.each(['localhost', 'app.localhost', 'fanfare', 'app.test', '127.0.0.1', '[::1]', '192.168.0.7'])(
    'is called %s there',
    async (host) => {
      await using server = await start();

      expect(await ask(server.port, '/live/poll?channel=free:a', { Host: host })).toMatchObject({ status: 200 });
    },
  );

  it('is called by any name where a proxy is in front', async () => {
    await using server = await start({ trustProxy: 1 });

    expect(await ask(server.port, '/page', { Host: 'live.example.com' })).toMatchObject({ status: 200 });
  });

  it('takes no page of http:// for its own once anybody says that the browser spoke TLS', async () => {
    await using server = await start({ trustProxy: 1 });
    const asFrom = (Origin: string, headers: Readonly<Record<string, string>>) =>
      ask(server.port, '/live/poll?channel=free:a', { Host: 'live.example.com', Origin, ...headers });

    for (const told of [{ 'X-Forwarded-Proto': 'https' }, { Forwarded: 'for=1.2.3.4;proto=https' }]) {
      expect(await asFrom('http://live.example.com', told)).toEqual({ status: 403, code: 'ORIGIN_FORBIDDEN' });
      expect(await asFrom('https://live.example.com', told)).toMatchObject({ status: 200 });
    }
    expect(await asFrom('http://live.example.com', {})).toMatchObject({ status: 200 });
  });

  it('says so at its start in production, and only there', async () => {
    vi.stubEnv('NODE_ENV', 'production');
    try {
      await using open = await start();
      await using pinned = await start({ publicOrigins: [OURS] });
      expect(open.lines.join('')).toContain('publicOrigins');
      expect(pinned.lines.join('')).not.toContain('publicOrigins');
    } finally {
      vi.unstubAllEnvs();
    }
    await using elsewhere = await start();
    expect(elsewhere.lines.join('')).not.toContain('publicOrigins');
  });
});

describe('an application that embeds the hub', () => {
  it('has the same of its own WebSocket paths and streams', async () => {
    const live = createFanfare({
      engine: memory(),
      channels: { 'free:{id}': log({ access: 'public' }) },
      publicOrigins: [OURS],
    });
    const server = createServer(live.handler).listen(0, '127.0.0.1');
    live.attach(server);
    await once(server, 'listening');
    const address = server.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;

    expect(await ask(port, '/live/sse?channel=free:a', { Host: 'evil.example' })).toEqual(UNKNOWN);
    expect(await webSocket(port, { Host: 'evil.example' })).toBe(421);
    expect(await webSocket(port, { Host: 'live.example.com', Origin: OURS })).toBe(101);
    await live.close();
    server.close();
  });

  it('is told when an origin is none', () => {
    const make = (publicOrigins: readonly string[]) => createFanfare({ engine: memory(), channels: {}, publicOrigins });

    expect(() => make(['live.example.com'])).toThrow(/scheme:\/\/host/);
    expect(() => make(['*'])).toThrow(TypeError);
    expect(() => new OriginPolicy([], { publicOrigins: ['https://a.example/'] })).toThrow(TypeError);
  });
});

const UNKNOWN = { status: 421, code: 'HOST_UNKNOWN' };
