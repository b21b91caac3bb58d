/** What a client publishes: its order, its retries, its bounds, and how it ends. */
import { describe, expect, it, vi } from 'vitest';
import type { PublishingRules } from '../src/index.ts';
import { type Call, PublishWorld, told } from './publish-queue-world.ts';

function begin(rules: PublishingRules = {}): PublishWorld {
  return new PublishWorld(rules);
}

function codeOf({ settled }: Call): string | undefined {
  return settled !== undefined && 'error' in settled ? settled.error.code : undefined;
}

describe('publishing', () => {
  it('resolves with what the server answered', async () => {
    const world = begin();
    world.connect();
    const call = world.publish('log:a');

    await world.settle();

    expect(call.settled).toEqual({ receipt: { position: 'e.1', duplicate: false, ack: 'committed' } });
  });

  it('has no position where the server gave none, as for signals', async () => {
    const world = begin();
    world.connect();
    const call = world.publish('typing:a');
    world.queue.answer({ type: 'published', id: 1, duplicate: false, ack: 'accepted' });
    await told();

    expect(call.settled).toEqual({ receipt: { duplicate: false, ack: 'accepted' } });
  });

  it('keeps what is published while there is no connection, and sends it in order when there is', async () => {
    const world = begin();
    for (let time = 0; time < 5; time += 1) world.publish('log:a');
    expect(world.queue.busy).toBe(true);

    world.connect();
    await world.settle();

    expect(world.stored.get('log:a')).toEqual([0, 1, 2, 3, 4]);
    expect(world.waiting).toEqual([]);
  });

  it('sends one at a time per channel, and does not let one channel wait for another', () => {
    const world = begin();
    world.connect();
    for (const channel of ['log:a', 'log:a', 'log:b', 'log:b']) world.publish(channel);

    expect(world.onTheWay.map(({ channel, data }) => [channel, data])).toEqual([
      ['log:a', 0],
      ['log:b', 2],
    ]);
  });

  it('sends again what a cut left without an answer; it is stored once, and the answer says so', async () => {
    const world = begin();
    world.connect();
    const call = world.publish('log:a');
    world.cut(1);
    world.connect();

    await world.settle();

    expect(world.stored.get('log:a')).toEqual([0]);
    expect(call.settled).toMatchObject({ receipt: { position: 'e.1', duplicate: true } });
  });

  it('tries again after a while what was refused for now, and the next of the channel waits for it', async () => {
    const world = begin();
    world.connect();
    world.publish('log:a');
    world.publish('log:a');
    world.refuse(true);
    world.hear();
    expect(world.onTheWay).toEqual([]);

    world.platform.advance(250);
    await world.settle();

    expect(world.stored.get('log:a')).toEqual([0, 1]);
  });

  it('waits longer after every refusal, up to eight seconds', () => {
    const world = begin({ timeoutMs: 600_000 });
    world.connect();
    world.publish('log:a');
    const waits: number[] = [];
    for (let time = 0; time < 8; time += 1) {
      world.refuse(true);
      world.hear();
      const from = world.platform.now();
      while (world.onTheWay.length === 0) world.platform.advance(1);
      waits.push(world.platform.now() - from);
    }

    expect(waits).toEqual([188, 375, 750, 1500, 3000, 6000, 6000, 6000]);
  });

  it('rejects with the code of the server what it refuses for good, and goes on with the next', async () => {
    const world = begin();
    world.connect();
    const call = world.publish('log:a');
    world.publish('log:a');
    world.refuse(false);
    await world.settle();

    expect(call.settled).toMatchObject({
      error: { name: 'ClientError', code: 'PAYLOAD_INVALID', channel: 'log:a', temporary: false },
    });
    expect(world.stored.get('log:a')).toEqual([1]);
  });

  it('takes the key that it is given', () => {
    const world = begin();
    world.connect();
    world.publish('log:a', { idempotencyKey: 'mine' });
    world.publish('log:b');
    world.publish('log:c');

    const [mine, one, other] = world.onTheWay.map(({ idempotencyKey }) => idempotencyKey);
    expect(mine).toBe('mine');
    expect(one).not.toBe(other);
  });

  it('rejects what is not JSON, at once', async () => {
    const world = begin();
    const circle: unknown[] = [];
    circle.push(circle);
    const receipt = world.queue.publish({ channel: 'log:a', event: 'added', data: circle });

    await expect(receipt).rejects.toMatchObject({ code: 'PAYLOAD_INVALID', temporary: false });
    expect(world.queue.busy).toBe(false);
  });

  it('takes no notice of an answer to nothing', () => {
    const world = begin();

    world.queue.answer({ type: 'published', id: 7, duplicate: false, ack: 'committed' });
    world.queue.answer({ type: 'error', id: 7, code: 'X', message: '', retry: true });

    expect(world.queue.busy).toBe(false);
    expect(world.platform.timers).toBe(0);
  });
});

describe('what does not get through', () => {
  it('is given up after its time, offline or not', async () => {
    const world = begin({ timeoutMs: 5000 });
    const offline = world.publish('log:a');
    const short = world.publish('log:a', { timeoutMs: 100 });

    world.platform.advance(100);
    await told();
    expect([codeOf(short), codeOf(offline)]).toEqual(['PUBLISH_TIMEOUT', undefined]);
    world.platform.advance(4900);
    await told();

    expect(offline.settled).toMatchObject({ error: { code: 'PUBLISH_TIMEOUT', temporary: true, channel: 'log:a' } });
  });

  it('makes way for the next of its channel', async () => {
    const world = begin();
    world.connect();
    world.publish('log:a', { timeoutMs: 100 });
    const next = world.publish('log:a');
    world.onTheWay.length = 0;

    world.platform.advance(100);
    await world.settle();

    expect(next.settled).toMatchObject({ receipt: { duplicate: false } });
  });

  it('is not sent any more once its signal was aborted', async () => {
    const world = begin();
    const call = world.publish('log:a');
    call.stop.abort();
    world.connect();
    await world.settle();

    expect(call.settled).toMatchObject({ error: { code: 'ABORTED', temporary: false } });
    expect(world.stored.size).toBe(0);
  });

  it('gives nothing else of its channel a way past what was sent', async () => {
    const world = begin();
    world.connect();
    const calls = [world.publish('log:a'), world.publish('log:a'), world.publish('log:a')];
    calls[1]?.stop.abort();

    expect(world.onTheWay.map(({ data }) => data)).toEqual([0]);
    await world.settle();
    expect(world.stored.get('log:a')).toEqual([0, 2]);
  });

  it('leaves nothing behind at a signal that many share', async () => {
    const world = begin();
    world.connect();
    const { signal } = new AbortController();
    const added = vi.spyOn(signal, 'addEventListener');
    const removed = vi.spyOn(signal, 'removeEventListener');
    for (let time = 0; time < 3; time += 1) world.publish('log:a', { signal });
    await world.settle();

    expect(removed.mock.calls).toEqual(added.mock.calls);
    expect(added).toHaveBeenCalledTimes(3);
  });

  it('is not even tried with a signal that is aborted already', async () => {
    const world = begin();
    world.connect();
    const call = world.publish('log:a', { signal: AbortSignal.abort() });
    await told();

    expect(codeOf(call)).toBe('ABORTED');
    expect(world.onTheWay).toEqual([]);
  });

  it('is rejected when the client is closed, and nothing of it goes on', async () => {
    const world = begin();
    world.connect();
    const calls = [world.publish('log:a'), world.publish('log:a'), world.publish('log:b')];
    world.queue.close();
    await told();

    expect(calls.map(codeOf)).toEqual(['CLOSED', 'CLOSED', 'CLOSED']);
    expect(world.onTheWay).toHaveLength(2);
    expect(world.platform.timers).toBe(0);
    expect(world.queue.busy).toBe(false);
  });
});

describe('a full queue', () => {
  it('takes no more, and says that it may later', async () => {
    const world = begin({ maxQueued: 2 });
    const calls = [world.publish('log:a'), world.publish('log:a'), world.publish('log:a')];
    await told();

    expect(calls.map(codeOf)).toEqual([undefined, undefined, 'QUEUE_FULL']);
    expect(calls[2]?.settled).toMatchObject({ error: { temporary: true } });
  });

  it('gives up its oldest where that is the rule', async () => {
    const world = begin({ maxQueued: 2, whenFull: 'drop-oldest' });
    const calls = [world.publish('log:a'), world.publish('log:a'), world.publish('log:a')];
    await told();

    expect(calls.map(codeOf)).toEqual(['QUEUE_FULL', undefined, undefined]);
  });

  it('does not give up what was sent: it may be stored', async () => {
    const world = begin({ maxQueued: 2, whenFull: 'drop-oldest' });
    world.connect();
    const calls = [world.publish('log:a'), world.publish('log:a'), world.publish('log:a')];
    await told();

    expect(calls.map(codeOf)).toEqual([undefined, 'QUEUE_FULL', undefined]);
  });

  it('takes no more where everything in it was sent', async () => {
    const world = begin({ maxQueued: 2, whenFull: 'drop-oldest' });
    world.connect();
    const calls = [world.publish('log:a'), world.publish('log:b'), world.publish('log:c')];
    await told();

    expect(calls.map(codeOf)).toEqual([undefined, undefined, 'QUEUE_FULL']);
  });
});

describe('a connection for the sake of publishing', () => {
  it('is kept a moment after the last answer, in case of another', async () => {
    const world = begin();
    world.connect();
    world.publish('log:a');
    await world.settle();

    world.platform.advance(4999);
    expect([world.queue.busy, world.quiets]).toEqual([true, 0]);
    world.platform.advance(1);
    expect([world.queue.busy, world.quiets]).toEqual([false, 1]);
  });

  it('is kept as long as something waits', async () => {
    const world = begin({ timeoutMs: 60_000 });
    world.connect();
    world.publish('log:a');
    await world.settle();
    world.publish('log:a');

    world.platform.advance(20_000);

    expect(world.queue.busy).toBe(true);
  });
});
