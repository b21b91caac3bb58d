import { once } from 'node:events';
import { createServer as createHttpServer } from 'node:http';
import { createServer } from 'node:net';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { openConnection, received } from '../load/connection.mjs';
import { openCrowd } from '../load/crowd.mjs';
import { openLoop } from '../load/open-loop.mjs';
import { stampedJson } from '../load/payload.mjs';
import { Publisher } from '../load/publisher.mjs';
import { Stamps } from '../load/stamps.mjs';

const ended = [];
const DEADLINE = { timeout: 20_000 };

afterEach(async () => {
  for (const end of ended.splice(0)) await end();
});

describe.each([
  ['at the handle', {}],
  ['over net.Socket', { viaSocket: true }],
])('a connection %s', (_what, options) => {
  test('writes text and bytes, and reads into the one buffer', async () => {
    const echo = (socket) => socket.on('error', () => {}).on('data', (bytes) => socket.write(bytes));
    const port = await listening(createServer(echo));
    const { owner, texts } = recorder();

    const connection = opened(port, owner, options);
    await vi.waitFor(() => expect(owner.connected).toHaveBeenCalledTimes(1), DEADLINE);
    connection.write('one,');
    connection.write(Buffer.from('two'));

    await vi.waitFor(() => expect(texts.join('')).toBe('one,two'), DEADLINE);
    expect(owner.ended).not.toHaveBeenCalled();
  });

  test('is told once that the server closed, and nothing once it has ended itself', async () => {
    const sockets = [];
    const port = await listening(createServer((socket) => sockets.push(socket.on('error', () => {}))));
    const [closed, ending] = [recorder().owner, recorder().owner];

    opened(port, closed, options);
    const connection = opened(port, ending, options);
    await vi.waitFor(() => expect(sockets).toHaveLength(2), DEADLINE);
    await vi.waitFor(() => expect(ending.connected).toHaveBeenCalled(), DEADLINE);
    const closes = sockets.map((socket) => new Promise((resolve) => socket.once('close', resolve)));
    connection.end();
    sockets[0].end();
    sockets[1].end();

    await Promise.all(closes);
    await vi.waitFor(() => expect(closed.ended.mock.calls).toEqual([['closed']]), DEADLINE);
    expect(ending.ended).not.toHaveBeenCalled();
  });

  test('says so where nobody listens', async () => {
    const server = createServer();
    const port = await listening(server);
    server.close();
    await once(server, 'close');
    const { owner } = recorder();

    opened(port, owner, options);

    await vi.waitFor(() => expect(owner.ended).toHaveBeenCalledTimes(1), DEADLINE);
    expect(owner.connected).not.toHaveBeenCalled();
  });

  test('reads no more once it is stalled', async () => {
    const sockets = [];
    const port = await listening(createServer((socket) => sockets.push(socket.on('error', () => {}))));
    const [stalled, reading] = [recorder(), recorder()];
    const connection = opened(port, stalled.owner, options);
    opened(port, reading.owner, options);
    await vi.waitFor(() => expect(sockets).toHaveLength(2), DEADLINE);
    await vi.waitFor(() => expect(stalled.owner.connected).toHaveBeenCalled(), DEADLINE);

    connection.stall();
    for (const socket of sockets) socket.write('event');

    await vi.waitFor(() => expect(reading.texts).toEqual(['event']), DEADLINE);
    expect(stalled.texts).toEqual([]);
  });
});

describe('stamps', () => {
  const event = (sequence, timeUs) => `data: ${stampedJson(sequence, timeUs, 128)}\n\n`;
  const found = (stamps, text) => {
    stamps.find(Buffer.from(text), text.length);
    const pairs = stamps.sequences.slice(0, stamps.count).map((sequence, index) => [sequence, stamps.timesUs[index]]);
    return { pairs, used: stamps.used };
  };

  test('are found wherever they stand, and where one is cut off', () => {
    const text = `: a ^ that begins none\n\n${event(7, 1234)}${event(8, 5678)}`;
    const cut = text.indexOf('^', text.indexOf('^0') + 1) + 5;

    expect(found(new Stamps(), text)).toEqual({
      pairs: [
        [7, 1234],
        [8, 5678],
      ],
      used: text.length,
    });
    expect(found(new Stamps(), text.slice(0, cut))).toEqual({ pairs: [[7, 1234]], used: cut - 5 });
  });

  test('are those of the bytes that were read, however much these are like the bytes before', () => {
    const stamps = new Stamps();

    for (const sequence of [1, 1, 2, 1]) {
      expect(found(stamps, event(sequence, 10))).toEqual({ pairs: [[sequence, 10]], used: event(1, 10).length });
    }
    expect(found(stamps, 'x'.repeat(event(1, 10).length)).pairs).toEqual([]);
    expect(found(stamps, event(1, 10) + event(3, 11)).pairs).toEqual([
      [1, 10],
      [3, 11],
    ]);
    expect(found(stamps, event(1, 10)).pairs).toEqual([[1, 10]]);
  });
});

describe('a publisher', () => {
  test('writes channel, number and time anew into each of its requests, and into every event of a batch', async () => {
    const requests = [];
    const port = await listening(hub({ onPublish: (url, body) => requests.push([url, JSON.parse(body)]) }));
    const body = '{"items":[{"channel":"public:{c}","data":{p}},{"channel":"public:{c}","data":{p}}]}';
    const publisher = new Publisher({ port, path: '/pub/{c}', body, headers: '' }, 128, vi.fn());
    ended.push(() => publisher.end());
    const publish = (...event) => new Promise((answered) => publisher.publish(...event, answered));

    await publish(0, 1, 20);
    await publish(123_456, 98_765_432, 12_345_678_901_234);

    const item = (channel, sequence, timeUs) => {
      return { channel: `public:${channel}`, data: JSON.parse(stampedJson(sequence, timeUs, 128)) };
    };
    const first = item('c000000', 1, 20);
    const second = item('c123456', 98_765_432, 12_345_678_901_234);
    expect(requests).toEqual([
      ['/pub/c000000', { items: [first, first] }],
      ['/pub/c123456', { items: [second, second] }],
    ]);
    expect(stampedJson(1, 20, 128)).toHaveLength(128);
  });
});

describe('a crowd', () => {
  test('comes no more than so many at a time, until all are subscribed', async () => {
    let [most, connections, answered] = [0, 0, 0];
    const waiting = [];
    const onSubscribe = (res) => {
      most = Math.max(most, connections - answered);
      // Not before as many have come as may: a crowd that comes one by one does not get on.
      if (waiting.push(res) < 4) return;
      answered += 4;
      for (const one of waiting.splice(0)) one.flushHeaders();
    };
    const server = hub({ onSubscribe });
    server.on('connection', () => (connections += 1));
    const port = await listening(server);

    const crowd = await openCrowd({ subscribers: 12, handshakes: 4, subscribe: { port, path: '/sub/{c}' } }, () => {});

    for (const one of crowd) ended.push(() => one.end());
    expect(crowd).toHaveLength(12);
    expect(most).toBe(4);
  });
});

describe('an open loop', () => {
  // The first publish that counted came right behind the last of the warm-up, and met its deliveries: p99 was that one's.
  test('keeps one pace from the warm-up to the end, and counts what comes after the warm-up', async () => {
    const subscribed = [];
    const dueUs = [];
    const onPublish = (_url, body) => {
      dueUs.push(Number(/\^\d{8}(\d{14})!/.exec(body)[1]));
      for (const res of subscribed) res.write(`data: ${body}\n\n`);
    };
    const onSubscribe = (res) => res.flushHeaders(subscribed.push(res));
    const port = await listening(hub({ onPublish, onSubscribe }));
    const job = { subscribers: 3, rate: 100, warmupMs: 100, durationMs: 200, payloadBytes: 128, serverPids: [] };
    const publish = { port, path: '/pub/{c}', body: '{p}', headers: '' };

    const result = await openLoop({ ...job, subscribe: { port, path: '/sub/{c}' }, publish }, vi.fn());

    expect(result).toMatchObject({ deliveredShare: 1, latencyMs: { p99: expect.any(Number) } });
    expect(dueUs).toHaveLength(30);
    for (const [index, due] of dueUs.entries()) expect(due).toBe(dueUs[0] + index * 10_000);
  });
});

function opened(port, owner, options) {
  const connection = openConnection(port, owner, options);
  ended.push(() => connection.end());
  return connection;
}

function recorder() {
  const texts = [];
  const read = (length) => void texts.push(received.latin1Slice(0, length));
  return { texts, owner: { connected: vi.fn(), ended: vi.fn(), read } };
}

/** A server that says 200: at once to who publishes, when `onSubscribe` does to who subscribes. */
function hub({ onPublish, onSubscribe }) {
  return createHttpServer(async (req, res) => {
    if (req.method === 'GET') {
      onSubscribe(res);
      return;
    }
    let body = '';
    for await (const chunk of req) body += chunk;
    onPublish(req.url, body);
    res.end('ok');
  });
}

async function listening(server) {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  ended.push(() => {
    server.closeAllConnections?.();
    if (server.listening) server.close();
  });
  return server.address().port;
}
