/** The SSE wire, byte by byte: head, first write, framing, and how it ends. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { expectNothingOpen, RawClient, startLive } from './live-fixture.ts';

describe('the SSE answer', () => {
  it('has exactly the documented head', async () => {
    await using running = await startLive();

    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    const [status, ...headers] = client.head.split('\r\n');
    expect(status).toBe('HTTP/1.1 200 OK');
    expect(headers.filter((line) => !line.startsWith('Date: '))).toEqual([
      'Content-Type: text/event-stream; charset=utf-8',
      'Cache-Control: no-cache, no-transform',
      'X-Accel-Buffering: no',
      'Connection: close',
    ]);
    expect(headers.filter((line) => /^Date: \w{3}, .* GMT$/.test(line))).toHaveLength(1);
  });

  it('keeps the headers that middleware has set, but for its own', async () => {
    await using running = await startLive({
      listener: (live) => (req, res) => {
        res.setHeader('Set-Cookie', ['a=1', 'b=2']);
        res.setHeader('Cache-Control', 'public');
        live.handler(req, res);
      },
    });

    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    expect(client.head.toLowerCase()).toContain('set-cookie: a=1\r\nset-cookie: b=2');
    expect(client.head.match(/cache-control/gi)).toHaveLength(1);
    expect(client.head).not.toContain('public');
  });

  it('brings head, retry and the first events in one write, at once', async () => {
    await using running = await startLive();

    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('connected');

    const first = client.chunks[0]?.toString() ?? '';
    expect(first).toMatch(/^HTTP\/1\.1 200 OK\r\n[\s\S]*\r\n\r\nretry: \d+\n\nevent: connected\ndata: \{/);
  });

  it('asks a lone reader back soon, and jitters retry in a window that grows with the crowd', async () => {
    await using running = await startLive();
    const clients: RawClient[] = [];
    for (let at = 0; at < 40; at += 1) {
      const client = RawClient.get(running.port, '/live/sse?channel=log:a');
      await client.until('subscribed');
      clients.push(client);
    }
    const retries = clients.map((client) => client.retryMs ?? 0);
    for (const client of clients) client[Symbol.dispose]();

    expect(retries[0]).toBe(1000);
    expect(Math.min(...retries)).toBeGreaterThanOrEqual(1000);
    expect(Math.max(...retries)).toBeLessThanOrEqual(1200);
    expect(new Set(retries).size).toBeGreaterThan(10);
  });

  it('tells connected, subscribed and events as frames, with the position as id', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    const receipt = await running.live.channel('log:a').publish('greeting', { text: 'hi' });
    const [event] = await client.until('greeting');

    expect(event?.id).toBe(receipt.position);
    expect(JSON.parse(event?.data ?? '')).toEqual({
      ...{ type: 'event', channel: 'log:a', event: 'greeting' },
      ...{ position: receipt.position, data: { text: 'hi' } },
    });
  });

  it('shows heartbeats with data, because EventSource hides a comment', async () => {
    await using running = await startLive({ heartbeatMs: 40 });

    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    const [first] = await client.until('heartbeat', 2);

    expect(JSON.parse(first?.data ?? '').time).toBeGreaterThan(Date.now() - 60_000);
  });

  it('delivers signals without an id', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=signal:a');
    await client.until('subscribed');

    await running.live.channel('signal:a').publish('typing', { who: 'b' });
    const [event] = await client.until('typing');

    expect(event?.id).toBe('');
    expect(JSON.parse(event?.data ?? '')).not.toHaveProperty('position');
  });
});

describe('no field forges an event', () => {
  it('carries CR, LF, NUL, BOM and U+2028 of a payload as data', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=log:a&channel=state:a');
    await client.until('subscribed', 2);
    const hostile = [
      '\n\nevent: fake\ndata: 1\n\n',
      '\r\revent: fake\rdata: 1\r\r',
      '\0',
      '\ufeff',
      '\u2028',
      'id: 9\n',
    ];

    for (const text of hostile) await running.live.channel('log:a').publish('note', { [text]: text });
    const values = await client.until('note', hostile.length);

    expect(values.map((received) => JSON.parse(received.data).data)).toEqual(hostile.map((text) => ({ [text]: text })));
    expect(client.named('fake')).toEqual([]);
  });

  it('refuses every name, key and event that holds a control character, and changes nothing', async () => {
    await using running = await startLive();
    const control = fc.constantFrom('\r', '\n', '\0', '\r\n', '\u2028', ' ');
    const broken = fc.tuple(fc.stringMatching(/^[a-z]{0,5}$/), control, fc.stringMatching(/^[a-z]{0,5}$/));

    await fc.assert(
      fc.asyncProperty(broken, async ([before, middle, after]) => {
        const text = `${before}${middle}${after}`;
        const { live } = running;
        await expect(live.api.publish({ channel: `log:${text}`, event: 'e', data: 1 })).rejects.toThrow();
        await expect(live.api.publish({ channel: 'log:a', event: text, data: 1 })).rejects.toThrow();
        await expect(live.api.set({ channel: 'state:a', key: text, data: 1 })).rejects.toThrow();
        await expect(
          live.api.publish({ channel: 'log:a', event: 'e', data: 1, idempotencyKey: text }),
        ).rejects.toThrow();
      }),
      { numRuns: 50 },
    );

    expect(running.live.stats().published).toBe(0);
  });
});

describe('the end of the wire', () => {
  it('takes a half-closed client for gone', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    client.socket.end();

    await expectNothingOpen(running);
    await client.untilClosed();
  });

  it('takes a half-closed client for gone also in the middle of its body', async () => {
    await using running = await startLive();
    using client = new RawClient(running.port);
    client.send('GET /live/sse?channel=log:a HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nhalf');
    await client.until('subscribed');

    client.socket.end();

    await expectNothingOpen(running);
  });

  it('is told once, however often a client goes', async () => {
    await using running = await startLive();
    const closed: string[] = [];
    running.live.observe((event) => event.kind === 'connection-closed' && closed.push(event.connection));

    for (let at = 0; at < 20; at += 1) {
      using client = RawClient.get(running.port, '/live/sse?channel=log:a');
      await client.until('connected');
      if (at % 2 === 0) client.socket.resetAndDestroy();
    }
    await expectNothingOpen(running);

    expect(closed).toHaveLength(20);
    expect(new Set(closed).size).toBe(20);
  });

  it('survives 1000 clients that connect and drop, and keeps nothing of them', async () => {
    await using running = await startLive();

    for (let wave = 0; wave < 20; wave += 1) {
      const clients = Array.from({ length: 50 }, () => RawClient.get(running.port, '/live/sse?channel=log:a'));
      // Some before their request was read, some in its middle, some after their first event.
      await Promise.all(clients.filter((_, at) => at % 3 === 0).map((client) => client.until('connected')));
      for (const [at, client] of clients.entries())
        at % 2 === 0 ? client.socket.destroy() : client.socket.resetAndDestroy();
    }

    await expectNothingOpen(running);
    expect(await (await fetch(`${running.url}/healthz`)).json()).toEqual({ status: 'ok' });
  });

  it('lets server.close() finish once the hub is closed', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    await running.live.close();
    await new Promise((resolve) => running.server.close(resolve));
    await client.untilClosed();

    const [close] = client.named('close');
    expect(JSON.parse(close?.data ?? '')).toMatchObject({ code: 3000, reconnect: true });
  });
});
