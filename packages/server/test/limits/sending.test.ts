/** How much a client may say, and how fast; each bound set by its option, told as documented, and counted. */
import { IncomingMessage } from 'node:http';
import { Socket } from 'node:net';
import { OPCODES, RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { MASTER } from '../../src/http/backend/backend-caller.ts';
import { BackendRates } from '../../src/http/backend/backend-rates.ts';
import { DEFAULT_WIRE_LIMITS } from '../../src/http/wire-limits.ts';
import { log, memory } from '../../src/index.ts';
import { RawClient, startWith } from '../transports/live-fixture.ts';

const API_KEY = 'key-of-the-tests';
const channels = { 'open:{id}': log({ access: { subscribe: 'public', publish: 'public' } }) };
type Options = Partial<Parameters<typeof startWith<typeof channels>>[0]>;

async function start(options: Options = {}) {
  const server = await startWith({
    engine: memory(),
    channels,
    apiKey: API_KEY,
    authenticate: ({ headers }) => {
      const subject = (headers.authorization ?? '').replace('Bearer ', '');
      return subject === '' ? undefined : { subject, roles: [] };
    },
    ...options,
  });
  server.live.attach(server.server);
  const post = async (path: string, body: unknown, headers: Record<string, string> = {}) => {
    const answer = await fetch(server.url + path, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });
    return { status: answer.status, retryAfter: answer.headers.get('retry-after'), body: Object(await answer.json()) };
  };
  return {
    ...server,
    post,
    publish: (data: unknown) =>
      post('/live/api/publish', { channel: 'open:a', event: 'e', data }, { 'X-API-Key': API_KEY }),
    hits: (limit: string) => server.live.stats().limitHits[limit],
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

async function stream(
  port: number,
  headers: Record<string, string> = {},
): Promise<{ readonly client: RawClient; readonly uplink: string }> {
  const client = RawClient.get(port, '/live/sse?channel=open:a', headers);
  const [connected] = await client.until('connected');
  return { client, uplink: `/live/uplink/${JSON.parse(connected?.data ?? '').connection}` };
}

const nested = (levels: number): unknown => JSON.parse('['.repeat(levels) + ']'.repeat(levels));
const publishOf = (id: number, data: unknown = 1) => ({ type: 'publish', id, channel: 'open:a', event: 'e', data });

describe('maxMessageBytes', () => {
  it('closes a WebSocket with 1009, and refuses a body and a payload with 413', async () => {
    await using server = await start({ limits: { maxMessageBytes: 1000 } });
    using socket = new RawWebSocket({ port: server.port });
    const { client, uplink } = await stream(server.port);
    using _ = client;
    const large = 'x'.repeat(1000);

    socket.send(publishOf(1, large));
    await socket.untilClosed();
    const command = await server.post(uplink, publishOf(1, large));
    const publish = await server.publish(large);

    expect(socket.closedWith?.code).toBe(1009);
    for (const { status, body } of [command, publish]) {
      expect([status, body.error.code, body.error.details.limit]).toEqual([413, 'BODY_TOO_LARGE', 1000]);
    }
    await expect(server.live.channel('open:a').publish('e', large)).rejects.toMatchObject({ code: 'BODY_TOO_LARGE' });
    expect((await server.publish('x'.repeat(900))).status).toBe(200);
    expect(server.hits('maxMessageBytes')).toBe(3);
  });

  it('may be raised', async () => {
    await using server = await start({ limits: { maxMessageBytes: 300_000 } });
    using socket = new RawWebSocket({ port: server.port });

    socket.send(publishOf(1, 'x'.repeat(200_000)));
    await socket.until((frame) => frame.type === 'published');

    expect((await server.publish('x'.repeat(200_000))).status).toBe(200);
  });
});

describe('maxFragments', () => {
  it('closes a WebSocket with 1008', async () => {
    await using server = await start({ limits: { maxFragments: 4 } });
    using socket = new RawWebSocket({ port: server.port });

    for (let n = 0; n < 5; n += 1) {
      socket.write({ opcode: n === 0 ? OPCODES.text : OPCODES.continuation, payload: ' ', fin: false });
    }
    await socket.untilClosed();

    expect(socket.closedWith?.code).toBe(1008);
    expect(server.hits('maxFragments')).toBe(1);
  });
});

describe('maxJsonDepth', () => {
  it('refuses a frame, a request and a payload that nest deeper', async () => {
    await using server = await start({ limits: { maxJsonDepth: 5 } });
    using socket = new RawWebSocket({ port: server.port });
    const { client, uplink } = await stream(server.port);
    using _ = client;

    socket.send(publishOf(1, nested(5)));
    const refused = await socket.until((frame) => frame.type === 'error');
    const command = await server.post(uplink, publishOf(1, nested(5)));
    const publish = await server.publish(nested(5));
    socket.send(publishOf(2, nested(4)));
    await socket.until((frame) => frame.type === 'published');

    expect(refused).toMatchObject({ code: 'FRAME_INVALID' });
    for (const { status, body } of [command, publish]) {
      expect([status, body.error.code, body.error.details.limit]).toEqual([400, 'JSON_TOO_DEEP', 5]);
    }
    await expect(server.live.channel('open:a').publish('e', nested(6))).rejects.toMatchObject({
      code: 'PAYLOAD_INVALID',
    });
    expect(server.hits('maxJsonDepth')).toBe(3);
  });
});

describe('maxChannelsPerConnection', () => {
  it('refuses a URL with more, and a command for one more', async () => {
    await using server = await start({ limits: { maxChannelsPerConnection: 2 } });
    using socket = new RawWebSocket({ port: server.port });
    const query = 'channel=open:a&channel=open:b&channel=open:c';

    const urls = await Promise.all(['sse', 'poll'].map((wire) => fetch(`${server.url}/live/${wire}?${query}`)));
    for (const id of ['a', 'b', 'c']) socket.send({ type: 'subscribe', channel: `open:${id}` });

    expect(urls.map(({ status }) => status)).toEqual([400, 400]);
    expect(await urls[0]?.json()).toMatchObject({ error: { code: 'TOO_MANY_CHANNELS', details: { limit: 2 } } });
    expect(await socket.until((frame) => frame.type === 'error')).toMatchObject({
      code: 'TOO_MANY_CHANNELS',
      channel: 'open:c',
    });
    expect(server.hits('maxChannelsPerConnection')).toBe(3);
  });
});

describe('commandsPerSecond', () => {
  it('answers what comes faster with RATE_LIMITED and when to try again, then closes the connection', async () => {
    await using server = await start({ limits: { commandsPerSecond: 1 } });
    using socket = new RawWebSocket({ port: server.port });

    for (let n = 0; n < 20; n += 1) socket.send({ type: 'ping' });
    await socket.untilClosed();

    const refused = socket.frames.filter((frame) => frame.type === 'error');
    expect(refused[0]).toMatchObject({ code: 'RATE_LIMITED', retry: true, details: { seconds: 1 } });
    expect(socket.closedWith?.code).toBe(3007);
    expect(server.hits('commandsPerSecond')).toBeGreaterThanOrEqual(refused.length);
  });
});

describe('publishesPerSecond', () => {
  it('counts a user over all of their connections and wires, and nobody else', async () => {
    await using server = await start({ limits: { publishesPerSecond: 0.001 } });
    const headers = { Authorization: 'Bearer an' };
    using one = new RawWebSocket({ port: server.port, headers });
    using two = new RawWebSocket({ port: server.port, headers });
    using other = new RawWebSocket({ port: server.port, headers: { Authorization: 'Bearer binh' } });

    // One at once, and the next in a quarter of an hour.
    one.send(publishOf(1));
    await one.until((frame) => frame.type === 'published');
    two.send(publishOf(4));
    other.send(publishOf(5));

    expect(await two.until((frame) => frame.type === 'error')).toMatchObject({
      id: 4,
      code: 'RATE_LIMITED',
      retry: true,
    });
    await other.until((frame) => frame.type === 'published');
    // The same user, beside a stream and beside a poll.
    const { client, uplink } = await stream(server.port, headers);
    using _ = client;
    const poll = `${server.url}/live/poll?channel=open:a`;
    const { connection } = Object(await (await fetch(poll, { headers })).json());
    const waiting = fetch(`${poll}&wait=20&connection=${connection}`, { headers });
    for (const path of [uplink, `/live/uplink/${connection}`]) {
      const { body } = await server.post(path, publishOf(6), headers);
      expect(body.frames).toMatchObject([{ type: 'error', id: 6, code: 'RATE_LIMITED', retry: true }]);
    }
    // And by the backend API, where a batch is as many as it has.
    for (const path of ['publish', 'set', 'batch']) {
      const event = path === 'set' ? { channel: 'value:a', data: 1 } : { channel: 'open:a', event: 'e', data: 1 };
      const answer = await server.post(`/live/api/${path}`, path === 'batch' ? { items: [event] } : event, headers);
      expect([answer.status, answer.body.error.code]).toEqual([429, 'RATE_LIMITED']);
    }
    await server.publish('a backend has a limit of its own');
    expect((await waiting).status).toBe(200);
    expect(server.hits('publishesPerSecond')).toBe(6);
  });
});

describe('publishesPerSecondPerKey', () => {
  it('answers 429 and Retry-After; a batch counts its items', async () => {
    await using server = await start({ limits: { publishesPerSecondPerKey: 1 } });
    const item = { channel: 'open:a', event: 'e', data: 1 };
    const batch = (length: number) =>
      server.post('/live/api/batch', { items: Array.from({ length }, () => item) }, { 'X-API-Key': API_KEY });

    const first = await batch(9);
    const second = await server.publish(1);
    const third = await batch(5);
    const fourth = await server.publish(1);

    expect([first.status, second.status]).toEqual([200, 200]);
    for (const { status, body, retryAfter } of [third, fourth]) {
      expect([status, body.error.code]).toEqual([429, 'RATE_LIMITED']);
      expect(Number(retryAfter)).toBeGreaterThanOrEqual(1);
    }
    expect(server.hits('publishesPerSecondPerKey')).toBe(2);
    expect(server.live.stats().published).toBe(10);
  });

  it('has a default that only a runaway meets: more than one process takes, and not more than that', () => {
    const hits: string[] = [];
    const rates = new BackendRates({
      perSecondPerKey: DEFAULT_WIRE_LIMITS.publishesPerSecondPerKey,
      onHit: (limit) => void hits.push(limit),
      now: () => 0,
    });
    const req = Object.assign(new IncomingMessage(new Socket()), { headers: { 'x-api-key': API_KEY } });
    const spend = (events: number) => rates.spend(events, { req, caller: MASTER });

    for (let batch = 0; batch < 2500; batch += 1) spend(1000);
    expect(hits).toEqual([]);
    expect(() => spend(1)).toThrow(expect.objectContaining({ status: 429, code: 'RATE_LIMITED' }));
    expect(hits).toEqual(['publishesPerSecondPerKey']);
  });
});
