/** Where a client comes back: Last-Event-ID, ?cursor=, one channel or many, and positions that cannot be recovered. */
import { describe, expect, it } from 'vitest';
import { type LiveServer, type channels as map, RawClient, startLive } from './live-fixture.ts';

type Running = LiveServer<typeof map>;

async function publish(
  running: Running,
  channel: 'log:a' | 'log:b' | 'short:a',
  values: readonly number[],
): Promise<void> {
  for (const value of values) await running.live.channel(channel).publish('n', value);
}

/** A client that reads until it has seen `count` events, then goes; returns the id it would come back with. */
async function readAndLeave(running: Running, path: string, count: number): Promise<string> {
  using client = RawClient.get(running.port, path);
  await client.until('subscribed', path.split('channel=').length - 1);
  await publish(
    running,
    'log:a',
    Array.from({ length: count }, (_, at) => at),
  );
  const seen = await client.until('n', count);
  return seen.at(-1)?.id ?? '';
}

/** Publishes 0 and tells where it stands. */
async function nextPosition(running: Running, channel: 'log:a' | 'log:b'): Promise<string> {
  return (await running.live.channel(channel).publish('n', 0)).position ?? '';
}

function values(client: RawClient, channel = 'log:a'): readonly unknown[] {
  return client.frames('n').flatMap((frame) => (frame.channel === channel ? [frame.data] : []));
}

describe('a client that comes back', () => {
  it.each([
    ['one channel', '/live/sse?channel=log:a'],
    ['many channels', '/live/sse?channel=log:a&channel=log:b'],
  ])('gets what it missed by Last-Event-ID, once and in order: %s', async (_, path) => {
    await using running = await startLive();
    const id = await readAndLeave(running, path, 3);
    await publish(running, 'log:a', [3, 4, 5]);

    using client = RawClient.get(running.port, path, { 'Last-Event-ID': id });
    await client.until('n', 3);
    await publish(running, 'log:a', [6]);
    await client.until('n', 4);

    expect(values(client)).toEqual([3, 4, 5, 6]);
    expect(client.frames('recovered').map((frame) => frame.channel)).toContain('log:a');
    expect(client.named('lost')).toEqual([]);
  });

  it('gets what it missed by ?cursor=, and the header beats the URL', async () => {
    await using running = await startLive();
    const id = await readAndLeave(running, '/live/sse?channel=log:a', 2);
    await publish(running, 'log:a', [2, 3]);
    const newer = (await running.live.channel('log:a').history()).head;

    using byUrl = RawClient.get(running.port, `/live/sse?channel=log:a&cursor=${id}`);
    await byUrl.until('n', 2);
    expect(values(byUrl)).toEqual([2, 3]);
    using byHeader = RawClient.get(running.port, `/live/sse?channel=log:a&cursor=${id}`, { 'Last-Event-ID': newer });
    await byHeader.until('recovered');
    await publish(running, 'log:a', [4]);
    await byHeader.until('n', 1);

    expect(values(byHeader)).toEqual([4]);
  });

  it('may say a position per channel, which beats the cursor, and is beaten by the header', async () => {
    await using running = await startLive();
    const [first, second] = [await nextPosition(running, 'log:a'), await nextPosition(running, 'log:a')];
    const other = await nextPosition(running, 'log:b');
    await publish(running, 'log:a', [2]);
    await publish(running, 'log:b', [7]);
    const path = `/live/sse?channel=log:a@${first}&channel=log:b@${other}`;

    using byName = RawClient.get(running.port, path);
    await byName.until('n', 3);
    expect([values(byName), values(byName, 'log:b')]).toEqual([[0, 2], [7]]);
    using both = RawClient.get(running.port, `/live/sse?channel=log:a@${second}&cursor=${first}`);
    await both.until('n');
    expect(values(both)).toEqual([2]);
    using byHeader = RawClient.get(running.port, `/live/sse?channel=log:a@${first}`, { 'Last-Event-ID': second });
    await byHeader.until('n');
    expect(values(byHeader)).toEqual([2]);
  });

  it('is told lost for the one channel whose position is none, and recovers the others', async () => {
    await using running = await startLive();
    const position = await nextPosition(running, 'log:a');
    await publish(running, 'log:a', [1]);

    using client = RawClient.get(running.port, `/live/sse?channel=log:a@${position}&channel=log:b@no%20position`);
    await client.until('n');

    expect(values(client)).toEqual([1]);
    expect(client.frames('lost')).toMatchObject([{ channel: 'log:b', cause: 'invalid' }]);
  });

  it('may use the cursor of a many-channel stream on one of its channels', async () => {
    await using running = await startLive();
    const id = await readAndLeave(running, '/live/sse?channel=log:a&channel=log:b', 2);
    await publish(running, 'log:a', [2]);

    using client = RawClient.get(running.port, '/live/sse?channel=log:a', { 'Last-Event-ID': id });
    await client.until('n');

    expect(id).toMatch(/^1~/);
    expect(values(client)).toEqual([2]);
  });

  it('stands in every channel from its first event on, so that a second cut loses nothing', async () => {
    await using running = await startLive();
    const path = '/live/sse?channel=log:a&channel=log:b';
    const id = await readAndLeave(running, path, 1);
    await publish(running, 'log:a', [1]);
    await publish(running, 'log:b', [10]);

    using cut = RawClient.get(running.port, path, { 'Last-Event-ID': id });
    const [connected] = await cut.until('connected');
    cut.socket.destroy();
    using client = RawClient.get(running.port, path, { 'Last-Event-ID': connected?.id ?? '' });
    await client.until('n', 2);

    expect(values(client)).toEqual([1]);
    expect(values(client, 'log:b')).toEqual([10]);
  });

  it('is told recovered before the replayed events, with an id that does not run ahead of them', async () => {
    await using running = await startLive();
    const path = '/live/sse?channel=log:a';
    const id = await readAndLeave(running, path, 1);
    await publish(running, 'log:a', [1, 2]);

    using client = RawClient.get(running.port, path, { 'Last-Event-ID': id });
    await client.until('n', 2);

    expect(client.events.map((received) => received.event)).toEqual(['connected', 'recovered', 'n', 'n']);
    expect(client.named('recovered')[0]?.id).toBe(id);
  });

  it('gets the newest value of a state, and not again when it has it', async () => {
    await using running = await startLive();
    await running.live.channel('state:a').set({ v: 1 });
    using first = RawClient.get(running.port, '/live/sse?channel=state:a');
    const [value] = await first.until('state');

    using second = RawClient.get(running.port, '/live/sse?channel=state:a', { 'Last-Event-ID': value?.id ?? '' });
    await second.until('recovered');
    await running.live.channel('state:a').set({ v: 2 });
    await second.until('state');

    expect(second.frames('state').map((frame) => frame.data)).toEqual([{ v: 2 }]);
  });
});

describe('a position that cannot be recovered', () => {
  const cases: readonly (readonly [string, string, (running: Running) => Promise<string>])[] = [
    ['garbage', 'invalid', async () => 'no-cursor-of-ours'],
    ['hostile text', 'invalid', async () => `1~${'x'.repeat(5000)}`],
    ['another history', 'epoch', async () => 'OtherEpoch.1'],
    ['a position not yet written', 'ahead', async (running) => (await head(running)).replace(/\w+$/, 'zzz')],
    ['a position older than kept', 'trimmed', async (running) => (await head(running)).replace(/\w+$/, '1')],
  ];

  it.each(cases)('is answered with lost, in-band, and no partial list: %s', async (_, cause, presented) => {
    await using running = await startLive();
    await publish(running, 'short:a', [0, 1, 2, 3, 4, 5]);

    using client = RawClient.get(running.port, '/live/sse?channel=short:a', {
      'Last-Event-ID': await presented(running),
    });
    const [lost] = await client.until('lost');
    await publish(running, 'short:a', [6]);
    await client.until('n');

    expect(client.status).toBe(200);
    expect(JSON.parse(lost?.data ?? '')).toMatchObject({ channel: 'short:a', recovered: false, cause });
    expect(values(client, 'short:a')).toEqual([6]);
  });

  it("does not take another channel's position for one of this channel's", async () => {
    await using running = await startLive();
    await publish(running, 'log:a', [0, 1]);
    await publish(running, 'log:b', [10]);
    const id = await readAndLeave(running, '/live/sse?channel=log:a&channel=signal:a', 1);

    using client = RawClient.get(running.port, '/live/sse?channel=log:b&channel=signal:a', { 'Last-Event-ID': id });
    await client.until('subscribed', 2);
    await publish(running, 'log:b', [11]);
    await client.until('n');

    expect(values(client, 'log:b')).toEqual([11]);
    expect(client.named('recovered')).toEqual([]);
  });

  function head(running: Running): Promise<string> {
    return running.live
      .channel('short:a')
      .history()
      .then((page) => page.head);
  }
});
