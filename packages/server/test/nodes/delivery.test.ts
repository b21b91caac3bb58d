/** Delivery over two nodes: one order everywhere, and nothing lost, doubled or skipped when a node or Redis dies under load. */
import { decodePosition } from '@fanfare/protocol';
import {
  Burst,
  CLEAN,
  judgeDelivery,
  type Nodes,
  type Published,
  RawWebSocket,
  startFaultProxy,
} from '@fanfare/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Reader, type Wire } from './reader.ts';
import { api, describeNodes, startTwo } from './two-nodes.ts';

const WIRES: readonly Wire[] = ['ws', 'sse', 'poll'];
const SOON = { timeout: 20_000, interval: 2 };
const upTo = (count: number): readonly number[] => Array.from({ length: count }, (_, n) => n + 1);

/** No rate stands in the way of a test that publishes as fast as it can. */
const LIMITS = { publishesPerSecond: 0, minRetryMs: 1000, maxRetryMs: 1000 };
/** Redis may be killed, and its history goes on: with another way of writing a restart begins a new one, and clients are told. */
const DURABLE = ['--appendonly', 'yes', '--appendfsync', 'always', '--save', ''];

let nodes: Nodes;
let channels = 0;

/** A channel that nobody used before. */
function fresh(): string {
  channels += 1;
  return `log:${channels}`;
}

function readers(channel: string, urls: readonly string[]): Promise<readonly Reader[]> {
  return Promise.all(urls.flatMap((url) => WIRES.map((wire) => new Reader(url, wire, channel).subscribed())));
}

function close(all: readonly Reader[]): void {
  for (const reader of all) reader[Symbol.dispose]();
}

describeNodes('two nodes on one Redis', () => {
  beforeAll(async () => {
    nodes = await startTwo({ env: { LIMITS: JSON.stringify(LIMITS) }, redis: { settings: DURABLE } });
  });
  afterAll(() => nodes?.[Symbol.asyncDispose]());

  it('D9: one publish a hundred times at once is stored once, also after a restart of everything; on another channel it is another', async () => {
    const [channel, other] = [fresh(), fresh()];
    const order = { event: 'n', data: 'order', idempotencyKey: 'order-7' };
    const again = (count: number) =>
      Promise.all(upTo(count).map((n) => api(n % 2 === 0 ? nodes.a : nodes.b, 'publish', { channel, ...order })));
    using socket = new RawWebSocket({ port: nodes.b.port });
    for (const id of upTo(20)) socket.send({ type: 'publish', id, channel, ...order });

    const answers = [...(await again(80)).map(({ body }) => Object(body)), ...(await answersOf(socket, 20))];
    const [{ position }] = answers;
    await nodes.redis.kill();
    await nodes.redis.start();
    await Promise.all([nodes.a.crashAndRestart(), nodes.b.crashAndRestart()]);
    const later = (await again(2)).map(({ body }) => body);
    const elsewhere = await api(nodes.a, 'publish', { ...order, channel: other });

    expect(answers.filter(({ duplicate }) => duplicate === false)).toHaveLength(1);
    expect(answers.filter(({ duplicate }) => duplicate === true)).toHaveLength(99);
    expect(new Set(answers.map((answer) => answer.position))).toEqual(new Set([position]));
    expect(later).toMatchObject([
      { position, duplicate: true },
      { position, duplicate: true },
    ]);
    expect(elsewhere.body).toMatchObject({ duplicate: false });
    expect(Object((await api(nodes.b, 'history', { channel })).body).events).toHaveLength(1);
  });

  it('D10: 50 publishers, 1000 events each, over both: the same order for everybody, and no hole', async () => {
    const channel = fresh();
    const [{ url: a }, { url: b }] = [nodes.a, nodes.b];
    const wires: readonly (readonly [string, Wire])[] = [
      [a, 'ws'],
      [b, 'ws'],
      [b, 'sse'],
      [a, 'poll'],
    ];
    const all = await Promise.all(wires.map(([url, wire]) => new Reader(url, wire, channel).subscribed()));

    const published = (await Promise.all(upTo(50).map((publisher) => publishThousand(channel, publisher)))).flat();
    const last = published.toSorted((one, other) => offsetOf(one) - offsetOf(other)).at(-1);
    await Promise.all(all.map((reader) => reader.gets(last?.payload ?? '')));
    close(all);

    const [first] = all;
    expect(published).toHaveLength(50_000);
    for (const reader of all) {
      expect(judgeDelivery(published, reader.handed)).toEqual(CLEAN);
      expect(reader.losses).toEqual([]);
      expect(reader.payloads).toHaveLength(50_000);
    }
    for (const reader of all) expect(reader.payloads.join()).toBe(first?.payloads.join());
  }, 120_000);

  it('D11: a hundred subscriptions while both publish at full rate begin where they said, and have no hole', async () => {
    const channel = fresh();
    let running = true;
    const publishing = [nodes.a, nodes.b].map(async (node) => {
      const items = upTo(5).map(() => ({ channel, event: 'n', data: 0 }));
      while (running) await api(node, 'batch', { items }).catch(() => undefined);
    });
    const bad: string[] = [];
    const follow = async (port: number): Promise<void> => {
      using socket = new RawWebSocket({ port });
      for (const id of upTo(50)) await subscribeOnce(socket, { channel, id }, bad);
    };
    await Promise.all([nodes.a, nodes.b].map(({ port }) => follow(port))).finally(() => {
      running = false;
    });
    await Promise.all(publishing);

    expect(bad).toEqual([]);
  }, 120_000);

  it('a node that is killed with -9 under load: its clients go to the other, and back', async () => {
    const channel = fresh();
    await using balancer = await startFaultProxy({ targetPort: nodes.a.port });
    const all = await readers(channel, [balancer.url, nodes.b.url]);
    const bursts = [balancer.url, nodes.b.url].map(
      (url, index) => new Burst({ url, apiKey: 'master', channel, event: 'n', prefix: `${'ab'[index]}` }),
    );
    const everybodyGetsMore = (): Promise<unknown> => Promise.all(all.map((reader) => reader.getsMore()));
    await everybodyGetsMore();

    balancer.targetPort = nodes.b.port;
    await nodes.a.stop('SIGKILL');
    await everybodyGetsMore();
    await nodes.a.start();
    balancer.targetPort = nodes.a.port;
    expect(balancer.cutAll()).toBeGreaterThan(0);
    await everybodyGetsMore();
    for (const burst of bursts) await burst.stop();
    const last = (await bursts[1]?.mark()) ?? '';
    await Promise.all(all.map((reader) => reader.gets(last)));
    close(all);

    const published = bursts.flatMap((burst) => burst.published);
    expect(published.filter(({ outcome }) => outcome === 'acked').length).toBeGreaterThan(50);
    for (const reader of all) {
      expect(judgeDelivery(published, reader.handed)).toEqual(CLEAN);
      expect(reader.losses).toEqual([]);
    }
  }, 120_000);

  it('Redis restarted under load, by SIGTERM and by kill -9: nothing that was acked is lost', async () => {
    const channel = fresh();
    const all = await readers(channel, [nodes.a.url, nodes.b.url]);
    const bursts = [nodes.a, nodes.b].map(
      ({ url }, index) => new Burst({ url, apiKey: 'master', channel, event: 'n', prefix: `${'ab'[index]}` }),
    );
    const everybodyGetsMore = (): Promise<unknown> => Promise.all(all.map((reader) => reader.getsMore()));
    await everybodyGetsMore();

    for (const signal of ['SIGTERM', 'SIGKILL'] as const) {
      await nodes.redis.kill(signal);
      await vi.waitUntil(() => bursts.every(({ published }) => published.at(-1)?.outcome === 'unknown'), SOON);
      await nodes.redis.start();
      await everybodyGetsMore();
    }
    for (const burst of bursts) await burst.stop();
    const last = (await bursts[1]?.mark()) ?? '';
    await Promise.all(all.map((reader) => reader.gets(last)));
    close(all);

    const published = bursts.flatMap((burst) => burst.published);
    for (const reader of all) expect(judgeDelivery(published, reader.handed)).toEqual(CLEAN);
    expect(all.flatMap((reader) => reader.losses)).toEqual([]);
  }, 120_000);
});

function offsetOf({ position = '' }: Published): number {
  const read = decodePosition(position);
  return read.ok ? read.value.offset : 0;
}

async function answersOf(socket: RawWebSocket, count: number): Promise<readonly Readonly<Record<string, unknown>>[]> {
  const published = () => socket.frames.filter(({ type }) => type === 'published');
  await vi.waitFor(() => expect(published()).toHaveLength(count), SOON);
  return published().map((frame) => Object(frame));
}

/** Subscribes, takes a few events, and leaves; what does not follow where the subscription said, goes into `bad`. */
async function subscribeOnce(
  socket: RawWebSocket,
  { channel, id }: { readonly channel: string; readonly id: number },
  bad: string[],
): Promise<void> {
  socket.frames.length = 0;
  socket.send({ type: 'subscribe', id, channel });
  await vi.waitFor(() => expect(socket.frames.filter(({ type }) => type === 'event').length).toBeGreaterThan(5), SOON);
  socket.send({ type: 'unsubscribe', id: id + 1000, channel });
  await vi.waitFor(() => expect(socket.frames.some(({ type }) => type === 'unsubscribed')).toBe(true), SOON);
  const [begin] = socket.frames.filter((frame) => frame.type === 'subscribed' && frame.id === id);
  const after = offsetOf(Object(begin));
  const offsets = socket.frames.filter(({ type }) => type === 'event').map((frame) => offsetOf(Object(frame)));
  if (!offsets.every((offset, index) => offset === after + index + 1)) bad.push(`after ${after}: ${offsets.join()}`);
}

/** In requests of 50, by turns to each node. */
async function publishThousand(channel: string, publisher: number): Promise<readonly Published[]> {
  const published: Published[] = [];
  for (const round of upTo(20)) {
    const payloads = upTo(50).map((n) => `p${publisher}-${(round - 1) * 50 + n}`);
    const items = payloads.map((data) => ({ channel, event: 'n', data, idempotencyKey: data }));
    const node = (publisher + round) % 2 === 0 ? nodes.a : nodes.b;
    // A kept connection may end at that moment: again with the same keys, as an application would.
    const { body } = await vi.waitFor(() => api(node, 'batch', { items }), SOON);
    const results: readonly { readonly position?: string }[] = Object(body).results ?? [];
    items.forEach(({ data: payload }, index) => {
      const position = results[index]?.position;
      published.push({ payload, outcome: position === undefined ? 'failed' : 'acked', position });
    });
  }
  return published;
}
