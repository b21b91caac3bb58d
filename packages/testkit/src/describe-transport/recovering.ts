/** Recovery is all or nothing [PROTOCOL §3.2], and a client that comes back misses nothing [§7.2]. */
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, positionOf, untilFrames } from './wire-client.ts';

export function describeRecovery(setup: TransportSetup): void {
  describe('recovers', () => {
    recoverWhatIsKept(setup);
    tellWhatIsLost(setup);
    recoverThroughCuts(setup);
  });
}

function recoverWhatIsKept(setup: TransportSetup): void {
  it('everything after the position, in order, then what comes', async () => {
    await using wire = await WireFixture.open(setup);
    const positions = [];
    for (let n = 0; n < 400; n += 1) positions.push(await wire.publish('log:a', n));
    const position = positions[99] ?? '';

    const client = await wire.client({ channels: [['log:a', position]] });
    await untilFrames(client, 'event', { count: 300 });
    await wire.publish('log:a', 400);
    await untilFrames(client, 'event', { count: 301 });

    expect(framesOf(client, 'subscribed')).toMatchObject([{ position, recovered: true }]);
    expect(dataOf(client, 'log:a')).toEqual(Array.from({ length: 301 }, (_, n) => n + 100));
  });

  it('each of several channels from its own position', async () => {
    await using wire = await WireFixture.open(setup);
    const a = await wire.publish('log:a', 0);
    await wire.publish('log:a', 1);
    await wire.publish('log:b', 0);
    const b = await wire.publish('log:b', 1);
    await wire.set('state:c', 'x', 'x');
    const c = await wire.set('state:c', 'y', 'y');
    await wire.set('state:c', 'z', 'z');

    const client = await wire.client({
      channels: [
        ['log:a', a],
        ['log:b', b],
        ['state:c', c],
      ],
    });
    await untilFrames(client, 'event', { count: 2 });

    expect(framesOf(client, 'subscribed').map(({ recovered }) => recovered)).toEqual([true, true, true]);
    expect([dataOf(client, 'log:a'), dataOf(client, 'log:b'), dataOf(client, 'state:c')]).toEqual([[1], [], ['z']]);
  });
}

function tellWhatIsLost(setup: TransportSetup): void {
  it.each([
    ['trimmed', 'short:a', (head: string) => head.replace(/\..*/, '.1')],
    ['ahead', 'log:a', (head: string) => head.replace(/\..*/, '.zz')],
    ['epoch', 'log:a', () => 'zzz.1'],
    ['invalid', 'log:a', () => 'not-a-position'],
  ] as const)('nothing where the cause is %s, and says so before anything else', async (cause, channel, forge) => {
    await using wire = await WireFixture.open(setup);
    let head = '';
    for (let n = 0; n < 8; n += 1) head = await wire.publish(channel, n);

    const client = await wire.client({ channels: [[channel, forge(head)]] });
    await untilFrames(client, 'subscribed');
    await wire.publish(channel, 'after');
    await untilFrames(client, 'event');

    expect(framesOf(client, 'subscribed')).toMatchObject([{ recovered: false, cause, position: head }]);
    expect(dataOf(client, channel)).toEqual(['after']);
  });

  it('the values of a state whose history is lost', async () => {
    await using wire = await WireFixture.open(setup);
    await wire.set('state:a', 1);

    const client = await wire.client({ channels: [['state:a', 'zzz.9']] });
    await untilFrames(client, 'event');

    expect(framesOf(client, 'subscribed')).toMatchObject([{ recovered: false, cause: 'epoch' }]);
    expect(dataOf(client, 'state:a')).toEqual([1]);
  });
}

function recoverThroughCuts(setup: TransportSetup): void {
  it('a client that is cut again and again while others publish: every event once, in order', {
    timeout: 120_000,
  }, async () => {
    await using wire = await WireFixture.open(setup);
    const total = 600;
    const seen: unknown[] = [];
    let position = await wire.publish('log:a', 'begin');
    const publishing = (async () => {
      for (let n = 0; n < total; n += 1) {
        await wire.publish('log:a', n);
        // A pace, and no wait: so that the client is cut in the middle of it, many times over.
        if (n % 20 === 0) await new Promise((resolve) => setTimeout(resolve, 10));
      }
    })();

    for (let rounds = 0; seen.length < total && rounds < 200; rounds += 1) {
      using client = await wire.client({ channels: [['log:a', position]] });
      await untilFrames(client, 'event', { count: Math.min(37, total - seen.length) });
      client.cut();
      expect(framesOf(client, 'subscribed')[0]).toMatchObject({ recovered: true });
      seen.push(...dataOf(client, 'log:a'));
      position = positionOf(client, 'log:a');
    }
    await publishing;

    expect(seen).toEqual(Array.from({ length: total }, (_, n) => n));
  });
}
