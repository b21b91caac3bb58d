import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect } from 'node:net';
import type { Duplex } from 'node:stream';
import { text } from 'node:stream/consumers';
import { describe, expect, it, vi } from 'vitest';
import { fail, Router } from '../../src/http/index.ts';
import { memory } from '../../src/index.ts';
import { errorCode, rawConnection, statuses } from './http-fixture.ts';
import { startLive } from './live-fixture.ts';

describe('startServer', () => {
  it('serves the hub, the routes, then the fallback, and answers 404 in JSON to the rest', async () => {
    const routes = [
      new Router().get('/api/board', (exchange) => exchange.send(200, 'board')),
      new Router().get('/healthy', (exchange) => exchange.send(200, 'system')),
    ];
    await using server = await startLive({
      routes,
      start: {
        fallback: (req, res) => {
          if (req.url !== '/page') return false;
          res.end('page');
          return true;
        },
      },
    });
    const text = async (path: string) => (await fetch(server.url + path)).text();

    expect(await text('/healthz')).toBe('{"status":"ok"}');
    expect(await text('/readyz')).toBe('{"status":"ready"}');
    expect(await text('/api/board')).toBe('"board"');
    expect(await text('/healthy')).toBe('"system"');
    expect(await text('/page')).toBe('page');
    expect(await text('/nothing')).toBe('{"error":{"code":"NOT_FOUND","message":"Nothing is here."}}');
    expect(await text('/live/nothing')).toContain('NOT_FOUND');
  });

  it('records whom its routes refuse, with the path and without the query, as the hub does of its own', async () => {
    const routes = [new Router().get('/api/secret', () => fail('FORBIDDEN')).get('/api/gone', () => fail('NOT_FOUND'))];
    await using server = await startLive({ routes });

    for (const path of ['/api/secret?token=x', '/api/gone']) await (await fetch(server.url + path)).text();

    const { entries } = await server.live.audit.read({ trail: 'denials' });
    expect(entries).toMatchObject([{ action: '/api/secret', details: { code: 'FORBIDDEN' } }]);
  });

  it('offers an upgrade to the hub, then to others in order, and serves as a plain request what nobody takes', async () => {
    const seen: string[] = [];
    const take = (name: string, path: string) => (req: IncomingMessage, socket: Duplex) => {
      seen.push(`${name} ${req.url}`);
      if (req.url !== path) return false;
      socket.end(`HTTP/1.1 101 Switching Protocols\r\nX-Taker: ${name}\r\n\r\n`);
      return true;
    };
    await using server = await startLive({ start: { upgrades: [take('one', '/one'), take('two', '/two')] } });
    const ask = async (path: string): Promise<string> => {
      const socket = connect(server.port, '127.0.0.1');
      socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade, close\r\n\r\n`);
      return text(socket);
    };

    expect(await ask('/two')).toContain('X-Taker: two');
    expect(await ask('/one')).toContain('X-Taker: one');
    expect(await ask('/three')).toContain(' 404 ');
    expect(await ask('/live/ws')).toContain('426');
    expect(seen).toEqual(['one /two', 'two /two', 'one /one', 'one /three', 'two /three']);
  });

  it('lets pages of a listed origin read what the routes answer, preflights included, and no others', async () => {
    const routes = [new Router().post('/api/board', (exchange) => exchange.send(200, 'board'))];
    const config = {
      port: 0,
      host: '127.0.0.1',
      trustProxy: 0,
      logRequests: false,
      allowedOrigins: ['https://app.example'],
    };
    await using server = await startLive({ routes, start: { config } });
    const ask = (origin: string, method: string) =>
      fetch(`${server.url}/api/board`, {
        method,
        headers: { Origin: origin, 'Access-Control-Request-Method': 'POST' },
      });
    const allowed = (answer: Response) => [
      ...[answer.status, answer.headers.get('access-control-allow-origin')],
      answer.headers.get('access-control-allow-credentials'),
    ];

    expect(allowed(await ask('https://app.example', 'OPTIONS'))).toEqual([204, 'https://app.example', 'true']);
    expect(allowed(await ask('https://app.example', 'POST'))).toEqual([200, 'https://app.example', 'true']);
    expect(allowed(await ask('https://evil.example', 'OPTIONS'))).toEqual([204, null, null]);
    expect(allowed(await ask('https://evil.example', 'POST'))).toEqual([200, null, null]);
    expect((await ask('https://app.example', 'POST')).headers.get('vary')).toBe('Origin');
  });

  it('answers 500 to a fallback that throws, logs it without the query, and goes on', async () => {
    await using server = await startLive({
      start: {
        fallback: () => {
          throw new Error('bug');
        },
      },
    });

    const response = await fetch(`${server.url}/page?token=secret`);

    expect([response.status, await response.json()]).toMatchObject([500, { error: { code: 'INTERNAL' } }]);
    expect(server.lines).toContainEqual(
      expect.objectContaining({ level: 50, msg: 'request failed', url: '/page?token=[redacted]' }),
    );
    expect(JSON.stringify(server.lines)).not.toContain('secret');
    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
  });

  it('rejects with one line that names the port when it is taken', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const address = other.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    const config = { port, host: '127.0.0.1', trustProxy: 0, logRequests: false };

    await expect(startLive({ start: { config } })).rejects.toThrow(
      `port ${port} is in use by another process; choose another with --port or PORT`,
    );
    other.close();
  });

  it('tells streams to come back, refuses the rest, finishes what is being answered, and lets go of the engine', async () => {
    const engine = memory();
    const closed = vi.spyOn(engine, 'close');
    const slow = slowRoute();
    const server = await startLive({ engine, routes: [slow.router] });
    const stream = rawConnection(server.port, 'GET /live/sse?channel=public:a HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(stream.text()).toContain('event: subscribed'));
    const idle = rawConnection(server.port, 'GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(statuses(idle.text())).toEqual([200]));
    const busy = rawConnection(server.port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await slow.entered;

    const closing = server.running.close();
    const goodbye = await stream.ended;
    await idle.ended;
    await expect(fetch(`${server.url}/healthz`)).rejects.toThrow();
    expect(closed).not.toHaveBeenCalled();
    slow.finish();
    const answer = await busy.ended;
    await closing;

    expect(goodbye).toMatch(/event: close\r?\ndata: .*"reconnect":true/);
    expect(statuses(answer)).toEqual([200]);
    expect(closed).toHaveBeenCalledOnce();
    expect(server.lines.at(-1)).toMatchObject({ msg: 'closed' });
  });

  it('answers 503 DRAINING at /readyz to who is still connected while it ends', async () => {
    const slow = slowRoute();
    const server = await startLive({ routes: [slow.router] });
    let requests = 0;
    server.running.server.on('request', () => {
      requests += 1;
    });
    const raw = rawConnection(server.port, 'GET /slow HTTP/1.1\r\nHost: x\r\n\r\n');
    await slow.entered;

    const closing = server.running.close();
    raw.socket.write('GET /readyz HTTP/1.1\r\nHost: x\r\n\r\n');
    await vi.waitFor(() => expect(requests).toBe(2));
    slow.finish();
    const answer = await raw.ended;
    await closing;

    expect(statuses(answer)).toEqual([200, 503]);
    expect(errorCode(answer)).toBe('DRAINING');
  });

  it('does not end because connections cannot be accepted for want of descriptors, and says so a few times only', async () => {
    await using server = await startLive();
    const error = Object.assign(new Error('accept EMFILE'), { code: 'EMFILE' });

    for (let times = 0; times < 100; times += 1) server.running.server.emit('error', error);

    expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
    const lines = server.lines.filter(({ msg }) => msg === 'connection not accepted');
    expect(lines.length).toBeGreaterThan(0);
    expect(lines.length).toBeLessThanOrEqual(20);
    expect(lines[0]).toMatchObject({ level: 50, err: { code: 'EMFILE' } });
  });

  it('logs the address of the caller, not that of the proxy of ours in front', async () => {
    const config = { port: 0, host: '127.0.0.1', trustProxy: 1, logRequests: true };
    await using server = await startLive({ start: { config } });

    await fetch(`${server.url}/healthz`, { headers: { 'X-Forwarded-For': '192.0.2.7' } });

    await vi.waitFor(() =>
      expect(server.lines).toContainEqual(expect.objectContaining({ msg: 'request', address: '192.0.2.7' })),
    );
  });

  it('logs requests only when asked, without values of the query', async () => {
    await using quiet = await startLive();
    await using chatty = await startLive({ logRequests: true });

    for (const { url } of [quiet, chatty]) await fetch(`${url}/healthz?ticket=secret&channel=a`);

    await vi.waitFor(() =>
      expect(chatty.lines).toContainEqual(
        expect.objectContaining({
          msg: 'request',
          method: 'GET',
          url: '/healthz?ticket=[redacted]&channel=a',
          status: 200,
        }),
      ),
    );
    expect(quiet.lines.filter((line) => line['msg'] === 'request')).toEqual([]);
  });
});

/** GET /slow answers when it is told to. */
function slowRoute() {
  let finish = (): void => {};
  const finished = new Promise<void>((resolve) => {
    finish = resolve;
  });
  let enter = (): void => {};
  const entered = new Promise<void>((resolve) => {
    enter = resolve;
  });
  const router = new Router().get('/slow', async (exchange) => {
    enter();
    await finished;
    exchange.send(200, 'done');
  });
  return { router, entered, finish };
}
