/** Inside somebody else's application: express, a bare server, a server with listeners of its own. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import express from 'express';
import { afterEach, describe, expect, it } from 'vitest';
import { createFanfare, type Engine, type Fanfare, log, memory } from '../../src/index.ts';
import { post } from '../auth/wires.ts';
import { slowEngine } from '../http/publisher.ts';
import { expectNothingOpen, RawClient } from '../transports/live-fixture.ts';

const channels = { 'news:{topic}': log({ access: 'public' }) };
const opened: { readonly live: Fanfare<typeof channels>; readonly server: Server }[] = [];

afterEach(async () => {
  for (const { live, server } of opened.splice(0)) {
    await live.close();
    server.close();
    server.closeAllConnections();
  }
});

const KEY = { 'X-API-Key': 'key' };

async function listen(make: (live: Fanfare<typeof channels>) => RequestListener | Server, engine: Engine = memory()) {
  const live = createFanfare({ engine, channels, apiKey: 'key' });
  const made = make(live);
  const server = made instanceof Function ? createServer(made) : made;
  opened.push({ live, server });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return { live, server, port, url: `http://127.0.0.1:${port}` };
}

/** The whole round: subscribe over SSE, publish over the backend API, see it, go. */
async function expectServes({ live, server, port, url }: Awaited<ReturnType<typeof listen>>): Promise<void> {
  using client = RawClient.get(port, '/live/sse?channel=news:a');
  await client.until('subscribed');
  const answer = await fetch(`${url}/live/api/publish`, {
    method: 'POST',
    headers: { 'X-API-Key': 'key', 'Content-Type': 'application/json', Connection: 'close' },
    body: JSON.stringify({ channel: 'news:a', event: 'headline', data: { title: 'Hub in express' } }),
  });
  expect(await answer.json()).toMatchObject({ duplicate: false, ack: 'accepted' });
  await client.until('headline');
  expect(client.frames('headline')[0]?.data).toEqual({ title: 'Hub in express' });
  client.socket.destroy();
  await expectNothingOpen({ live, server });
}

describe('embedded', () => {
  it('in a bare http server', async () => {
    await expectServes(await listen((live) => live.handler));
  });

  it('behind somebody who answers what takes too long: what is late is told to nobody, and ends nothing', async () => {
    const engine = slowEngine();
    const { live, url } = await listen(
      (hub) => (req, res) => {
        hub.handler(req, res);
        if (engine.isHeld) res.writeHead(503).end('too slow');
      },
      engine,
    );
    const publish = (data: number) => post(`${url}/live/api/publish`, { channel: 'news:a', event: 'n', data }, KEY);
    engine.hold();

    const early = await publish(1);
    engine.release();

    expect([early.status, await early.text()]).toEqual([503, 'too slow']);
    expect((await publish(2)).status).toBe(200);
    expect(live.stats().published).toBe(2);
  });

  it('in express, beside its routes and behind its body parser', async () => {
    const running = await listen((live) => {
      const app = express();
      app.use(express.json());
      app.use(live.handler);
      app.get('/hello', (_req, res) => void res.end('hello'));
      return app;
    });

    await expectServes(running);
    expect(await (await fetch(`${running.url}/hello`)).text()).toBe('hello');
    expect((await fetch(`${running.url}/nothing`)).status).toBe(404);
  });

  it.each(['/live', '/realtime'])('in express under the mount path %s', async (mount) => {
    const running = await listen((live) => {
      const app = express();
      app.use(mount, live.handler);
      return app;
    });
    const path = mount === '/live' ? '/live/sse' : '/realtime/live/sse';

    using client = RawClient.get(running.port, `${path}?channel=news:a`);

    expect(await client.until('subscribed')).toHaveLength(1);
  });

  it('in a server that has listeners of its own, by attach', async () => {
    const running = await listen((live) => {
      const server = createServer((_req, res) => res.end('theirs'));
      live.attach(server);
      return server;
    });

    await expectServes(running);
    expect(await (await fetch(`${running.url}/other`)).text()).toBe('theirs');
    expect(await (await fetch(`${running.url}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  it('in a server that has none, where what is not ours is 404', async () => {
    const running = await listen((live) => {
      const server = createServer();
      live.attach(server);
      return server;
    });

    const answer = await fetch(`${running.url}/other`);

    expect(answer.status).toBe(404);
    expect(await answer.json()).toMatchObject({ error: { code: 'NOT_FOUND' } });
  });

  it('behind middleware that compresses what is written through the response', async () => {
    const touched: string[] = [];
    const running = await listen((live) => (req, res) => {
      // What compressing middleware does: it takes over write and end, and waits for enough to compress.
      res.write = () => touched.push('write') > 0;
      res.setHeader('Vary', 'Accept-Encoding');
      live.handler(req, res);
    });

    using client = RawClient.get(running.port, '/live/sse?channel=news:a', { 'Accept-Encoding': 'gzip' });
    await client.until('subscribed');

    expect(touched).toEqual([]);
    expect(client.head).toContain('no-transform');
  });

  it('knows its paths', async () => {
    const { live } = await listen((made) => made.handler);

    for (const url of ['/live/sse?channel=a', '/live/api/publish', '/healthz', '/readyz?x=1']) {
      expect(live.handles(url)).toBe(true);
    }
    for (const url of ['/', '/live', '/alive/sse', '/healthz/x', '/api/live/sse'])
      expect(live.handles(url)).toBe(false);
  });

  it('leaves the socket to the stream alone: no parser, no request, no response', async () => {
    const sockets: object[] = [];
    const running = await listen((live) => (req, res) => {
      sockets.push(req.socket);
      live.handler(req, res);
    });

    using client = RawClient.get(running.port, '/live/sse?channel=news:a');
    await client.until('subscribed');

    await expect.poll(() => sockets[0]).toMatchObject({ parser: null, _httpMessage: null });
  });
});
