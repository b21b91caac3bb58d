/** Who asks for an SSE stream in another way than a browser does: other methods, conditions and ranges, and HTTP/2. */
import { once } from 'node:events';
import type { ServerResponse } from 'node:http';
import { connect, createServer as createHttp2Server } from 'node:http2';
import { describe, expect, it, vi } from 'vitest';
import { createFanfare, memory } from '../../src/index.ts';
import { channels, expectNothingOpen, RawClient, startLive } from './live-fixture.ts';

describe('a request that is not an ordinary GET', () => {
  it('answers HEAD with the head alone', async () => {
    await using running = await startLive();

    const answer = await fetch(`${running.url}/live/sse?channel=log:a`, { method: 'HEAD' });

    expect(answer.status).toBe(200);
    expect(answer.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(await answer.text()).toBe('');
    expect(running.live.stats().connections).toBe(0);
  });

  it('answers POST with 405 and says what is allowed', async () => {
    await using running = await startLive();

    const answer = await fetch(`${running.url}/live/sse?channel=log:a`, { method: 'POST' });

    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toContain('GET');
  });

  it('serves HTTP/1.0', async () => {
    await using running = await startLive();
    using client = new RawClient(running.port);

    client.send('GET /live/sse?channel=log:a HTTP/1.0\r\n\r\n');
    await client.until('subscribed');
    await running.live.channel('log:a').publish('greeting', 1);

    expect(await client.until('greeting')).toHaveLength(1);
  });

  it('waits for its turn when it is pipelined behind an answer that takes long', async () => {
    const slow: ServerResponse[] = [];
    await using running = await startLive({
      listener: (live) => (req, res) => void (req.url === '/slow' ? slow.push(res) : live.handler(req, res)),
    });
    using client = new RawClient(running.port);

    client.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\n\r\n');
    await vi.waitUntil(() => slow.length === 1, { timeout: 10_000 });
    // By now the stream has been asked for as well: both came in one packet.
    await running.live.channel('log:a').publish('greeting', 'too early');
    expect(client.text).toBe('');
    slow[0]?.end('slow answer');
    await expect.poll(() => client.text).toContain('event: subscribed');
    await running.live.channel('log:a').publish('greeting', 'in time');
    await expect.poll(() => client.text).toContain('in time');

    expect(client.text.indexOf('slow answer')).toBeLessThan(client.text.indexOf('event: connected'));
    expect(client.text).not.toContain('too early');
    client.socket.destroy();
    await expectNothingOpen(running);
  });

  it('that waits for its turn is forgotten when its client goes', async () => {
    const slow: ServerResponse[] = [];
    await using running = await startLive({
      listener: (live) => (req, res) => void (req.url === '/slow' ? slow.push(res) : live.handler(req, res)),
    });
    using client = new RawClient(running.port);
    client.send('GET /slow HTTP/1.1\r\nHost: a\r\n\r\nGET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\n\r\n');
    await vi.waitUntil(() => slow.length === 1, { timeout: 10_000 });

    client.socket.resetAndDestroy();

    await expectNothingOpen(running);
    slow[0]?.end();
    expect(running.live.stats().connections).toBe(0);
  });

  it('never lets an answer to a request pipelined behind it into the stream', async () => {
    await using running = await startLive();
    using client = new RawClient(running.port);

    client.send('GET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\n\r\nGET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('subscribed');
    client.send('GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n');
    await running.live.channel('log:a').publish('greeting', 1);
    await client.until('greeting');

    expect(client.text).not.toContain('"status":"ok"');
    client.socket.destroy();
    await expectNothingOpen(running);
  });

  it('tells a request pipelined behind it that the wire has ended', async () => {
    const told: string[] = [];
    await using running = await startLive({
      listener: (live) => (req, res) => {
        if (req.url === '/behind') req.once('close', () => told.push('/behind'));
        else live.handler(req, res);
      },
    });
    using client = new RawClient(running.port);
    client.send('GET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\n\r\nGET /behind HTTP/1.1\r\nHost: a\r\n\r\n');
    await client.until('subscribed');

    client.socket.destroy();

    await expectNothingOpen(running);
    await expect.poll(() => told).toEqual(['/behind']);
  });

  it('streams while the body of a strange GET still arrives', async () => {
    await using running = await startLive();
    using client = new RawClient(running.port);

    client.send('GET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    await client.until('subscribed');
    client.send('hello!');
    await running.live.channel('log:a').publish('greeting', 1);

    expect(await client.until('greeting')).toHaveLength(1);
    client.socket.destroy();
    await expectNothingOpen(running);
  });
});

describe('HTTP/2', () => {
  it('streams on one of many streams of a connection, and ends with it', async () => {
    const live = createFanfare({ engine: memory(), channels });
    const server = createHttp2Server((req, res) => live.handler(req as never, res as never)).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const session = connect(`http://127.0.0.1:${typeof address === 'object' ? address?.port : 0}`);
    const open = (path: string, method = 'GET') => {
      const stream = session.request({ ':path': path, ':method': method });
      const seen = { status: 0, type: '', text: '', ended: false };
      stream.on('response', (headers) => {
        seen.status = headers[':status'] ?? 0;
        seen.type = headers['content-type'] ?? '';
      });
      stream.on('data', (chunk) => {
        seen.text += String(chunk);
      });
      stream.on('end', () => {
        seen.ended = true;
      });
      return { stream, seen };
    };

    const streams = Array.from({ length: 8 }, () => open('/live/sse?channel=log:a'));
    await vi.waitUntil(() => live.stats().subscriptions === 8, { timeout: 10_000 });
    await live.channel('log:a').publish('greeting', 'h2');
    await vi.waitUntil(() => streams.every(({ seen }) => seen.text.includes('event: greeting')), { timeout: 10_000 });
    streams[0]?.stream.close();
    await vi.waitUntil(() => live.stats().connections === 7, { timeout: 10_000 });
    const head = open('/live/sse?channel=log:a', 'HEAD');
    const small = [open('/live/sse?channel=small:a'), open('/live/sse?channel=small:a')];
    await vi.waitUntil(() => head.seen.ended && small.some(({ seen }) => seen.ended), { timeout: 10_000 });

    expect(streams[1]?.seen).toMatchObject({ status: 200, type: 'text/event-stream; charset=utf-8' });
    expect(head.seen).toMatchObject({ status: 200, text: '' });
    expect(small.filter(({ seen }) => seen.text.includes('TOO_MANY_CONNECTIONS'))).toHaveLength(1);

    await live.close();
    await vi.waitUntil(() => streams.slice(1).every(({ seen }) => seen.ended), { timeout: 10_000 });
    expect(streams[1]?.seen.text).toContain('event: close');
    session.close();
    await new Promise((resolve) => server.close(resolve));
  });
});
