/** The client over real sockets, against a server that resets, repeats and refuses. */
import { describe, expect, it } from 'vitest';
import { type Client, type ClientError, createClient } from '../src/index.ts';
import type { Shapes } from './client-harness.ts';
import { SseTestServer } from './sse-test-server.ts';

/** As the defaults, but in milliseconds instead of seconds: the waits themselves are tested on a fake clock. */
const FAST = { baseMs: 1, capMs: 3 };
const DEADLINE = { timeout: 10_000, interval: 5 };

function connect(server: SseTestServer, errors: ClientError[] = []): Client<Shapes> {
  return createClient<Shapes>({
    url: server.url,
    transports: ['sse'],
    rules: FAST,
    onError: (error) => errors.push(error),
  });
}

function upTo(count: number): number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

describe('a client over real sockets', () => {
  it('delivers every event once and in order while its connections are reset and replays repeat themselves', async () => {
    await using server = await SseTestServer.start();
    server.repeated = 3;
    const client = connect(server);
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => seen.push(data));
    await expect.poll(() => client.channel('log:a').subscription.status, DEADLINE).toBe('subscribed');

    for (const value of upTo(500)) {
      server.publish('log:a', value);
      if (value % 25 !== 0) continue;
      const { requests } = server;
      server.cut();
      // Half of the time events come while the client is away, half of the time while it catches up.
      if (value % 50 === 0) await expect.poll(() => server.requests, DEADLINE).toBeGreaterThan(requests);
    }

    await expect.poll(() => seen.length, DEADLINE).toBe(500);
    expect(seen).toEqual(upTo(500));
    expect(server.requests).toBeGreaterThan(10);
    client.close();
  });

  it('hands over no torn event: the stream cut at every byte (D8)', async () => {
    await using server = await SseTestServer.start();
    let limit = 180;
    server.cutAfter = () => {
      limit += 1;
      return limit <= 480 ? limit : undefined;
    };
    const errors: ClientError[] = [];
    const client = connect(server, errors);
    const seen: unknown[] = [];
    client.channel('log:a', { after: 'e.0' }).on('added', (data) => seen.push(data));
    for (const value of upTo(20)) server.publish('log:a', value);

    await expect.poll(() => seen.length, { ...DEADLINE, timeout: 60_000 }).toBe(20);

    expect(seen).toEqual(upTo(20));
    expect(errors).toEqual([]);
    client.close();
  }, 70_000);

  it('changes its channels while events flow, and loses or repeats none', async () => {
    await using server = await SseTestServer.start();
    const client = connect(server);
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => seen.push(data));
    await expect.poll(() => client.channel('log:a').subscription.status, DEADLINE).toBe('subscribed');

    for (const value of upTo(200)) {
      server.publish('log:a', value);
      if (value % 20 === 0) {
        const other = client.channel(`log:other-${value}`);
        other.on('added', () => undefined);
        await expect.poll(() => other.subscription.status, DEADLINE).toBe('subscribed');
        if (value % 40 === 0) other.close();
      }
    }

    await expect.poll(() => seen.length, DEADLINE).toBe(200);
    expect(seen).toEqual(upTo(200));
    await expect.poll(() => server.commands, DEADLINE).toBe(15);
    expect(server.requests).toBe(1);
    client.close();
  });

  it('comes through a deploy: 502 and 503 for a while', async () => {
    await using server = await SseTestServer.start();
    server.statuses.push(503, 502, 502, 504);
    const client = connect(server);
    client.channel('log:a').on('added', () => undefined);

    await expect.poll(() => client.connection.status, DEADLINE).toBe('live');

    expect(server.requests).toBe(5);
    expect(client.connection.latencyMs).toBeGreaterThanOrEqual(0);
    client.close();
  });

  it('comes back when there was no server at all', async () => {
    const gone = await SseTestServer.start();
    const { url } = gone;
    await gone[Symbol.asyncDispose]();
    const client = createClient<Shapes>({ url, transports: ['sse'], rules: FAST });
    client.channel('log:a').on('added', () => undefined);

    await expect
      .poll(() => client.connection, DEADLINE)
      .toMatchObject({
        status: 'reconnecting',
        reason: { code: 'NETWORK' },
      });
    client.close();
  });
});
