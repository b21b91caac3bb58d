import { decodeCursor } from '@fanfare/protocol';
import { MemoryTransport } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { FaultyBroker } from './faulty-broker.ts';
import { join, lastPosition, makeHub, trailing } from './hub-fixture.ts';

describe('an engine that loses its history', () => {
  /** The tail of the new history was asked with an offset of the old one, and seemed to hold everything after it. */
  it('while a slow reader still gets the old one never makes the reader live in a history it does not know', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    for (let n = 0; n < 20; n += 1) broker.put('log:a', JSON.stringify('x'.repeat(60_000)));
    const transport = new MemoryTransport();
    transport.pause();
    const slow = await join(fixture, 'log:a', { position: { epoch: 'A', offset: 2 }, transport });
    const other = await join(fixture, 'log:a');

    broker.lose('B');
    broker.put('log:a', '1');
    await fixture.clock.settle();
    for (let round = 0; round < 20; round += 1) {
      transport.resume();
      slow.connection.drained();
      await fixture.clock.settle();
    }
    broker.put('log:a', '2');
    await fixture.clock.settle();

    for (const client of [slow, other]) expect(client.transport.closedWith).toMatchObject({ reconnect: true });
    const returned = await join(fixture, 'log:a', { position: lastPosition(slow) });
    expect(returned.transport.received[1]?.frame).toMatchObject({ recovered: false, cause: 'epoch' });
  });

  /** The throttle still held a value of the old history, whose offset then hid the new ones as duplicates. */
  it('while a throttled state holds a value back delivers no value of the old one afterwards', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    const old = await join(fixture, 'throttled:a');
    for (let n = 0; n < 9; n += 1) broker.put('throttled:a', '"old"');
    await fixture.clock.settle();
    broker.put('throttled:a', '"phantom"');

    broker.lose('B');
    broker.put('throttled:a', '"new"');
    await fixture.clock.settle();
    const client = await join(fixture, 'throttled:a');
    await fixture.clock.advance(200);
    broker.put('throttled:a', '"newer"');
    await fixture.clock.advance(200);

    expect(old.transport.closedWith).toMatchObject({ reconnect: true });
    expect(client.data('throttled:a')).toEqual(['new', 'newer']);
  });

  /** Values already read stayed when the load began anew; their higher offsets beat the true values. */
  it('while its values are loaded hands over none of the old ones', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    for (let n = 0; n < 1500; n += 1) broker.put('state:a', '"old"', `key${n}`);
    broker.meanwhile = () => {
      broker.lose('B');
      broker.put('state:a', '"new"', 'key7');
    };

    const client = await join(fixture, 'state:a');

    expect(client.data('state:a')).toEqual(['new']);
  });

  it('while a channel opens is noticed with the next event, and nobody is live before', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    broker.put('state:a', '"old"');
    broker.meanwhile = () => {
      broker.lose('B');
      broker.put('state:a', '"new"');
    };

    const client = await join(fixture, 'state:a');
    await fixture.clock.settle();

    expect(client.data('state:a')).toEqual(['new']);
  });
});

describe('an engine whose follow skips events', () => {
  /** The tail counts its offsets by place: with a hole in it, every later replay was off by one. */
  it('while a channel opens leaves no hole in the tail', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    broker.put('log:a', '1');
    broker.meanwhile = () => {
      broker.put('log:a', '2');
      broker.swallow = 1;
      broker.put('log:a', '3');
      broker.put('log:a', '4');
    };
    const first = await join(fixture, 'log:a', { position: { epoch: 'A', offset: 1 } });
    broker.put('log:a', '5');
    await fixture.clock.settle();
    const second = await join(fixture, 'log:a', { position: { epoch: 'A', offset: 1 } });

    expect(first.data('log:a')).toEqual([2, 3, 4, 5]);
    expect(second.data('log:a')).toEqual([2, 3, 4, 5]);
  });
});

describe('an engine whose follow skips events while a reader is behind', () => {
  it('and brings new ones before the missing ones were read, keeps their order', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    const client = await join(fixture, 'log:a');
    broker.put('log:a', '1');
    await fixture.clock.settle();
    const whileThePageIsRead = (): void => {
      broker.put('log:a', '4');
      fixture.clock.turn();
    };
    const whileTheHeadIsRead = (): void => {
      broker.meanwhile = whileThePageIsRead;
    };

    broker.swallow = 1;
    broker.meanwhile = whileTheHeadIsRead;
    for (const n of [2, 3]) broker.put('log:a', String(n));
    await fixture.clock.settle();

    expect(client.data('log:a')).toEqual([1, 2, 3, 4]);
  });

  it('has every event reach the reader once: what waited is not read again', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    const slow = await join(fixture, 'log:a');
    slow.transport.pause();
    for (const n of [1, 2, 3]) {
      broker.put('log:a', String(n));
      await fixture.clock.settle();
    }

    broker.swallow = 2;
    for (const n of [4, 5, 6]) broker.put('log:a', String(n));
    await fixture.clock.settle();
    slow.transport.resume();
    slow.connection.drained();
    await fixture.clock.settle();
    broker.put('log:a', '7');
    await fixture.clock.settle();

    expect(slow.data('log:a')).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });
});

describe('an engine that fails for one of many channels', () => {
  /** The cursor forgot the refused channel: its client came back "from now on", and lost what it had missed in silence. */
  it('leaves the place of the refused channel in the cursor that the others carry', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker, limits: { recentEvents: 1 } });
    await join(fixture, ['log:a', 'log:b']);
    for (let n = 1; n <= 5; n += 1) broker.put('log:a', String(n));
    const transport = new MemoryTransport();
    const position = { epoch: 'A', offset: 2 };
    const wire = { encoding: trailing, maxAgeMs: 0, positions: new Map([['log:a', position]]) };
    const connection = fixture.hub.open(transport, wire);

    broker.down = true;
    expect(await connection.subscribe('log:a', { position })).toMatchObject({ code: 'ENGINE_UNAVAILABLE' });
    await connection.subscribe('log:b');
    await fixture.clock.settle();

    const cursor = decodeCursor(transport.received.at(-1)?.cursor ?? '');
    expect(cursor.ok && cursor.value.position('log:a')).toEqual(position);
  });
});

describe('an engine that answers late', () => {
  /** The refusal of the first took the second, which stood, away: subscribed, and never told anything again. */
  it('and refuses a subscription given up long ago leaves its successor alone', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker, limits: { recentEvents: 1 } });
    await join(fixture, 'log:a');
    for (let n = 1; n <= 5; n += 1) broker.put('log:a', String(n));
    const client = await join(fixture, 'log:b');
    let answer = (): void => {};
    broker.meanwhile = () => new Promise((resolve) => (answer = resolve));
    const first = client.connection.subscribe('log:a', { position: { epoch: 'A', offset: 1 } });
    await fixture.clock.settle();
    client.connection.unsubscribe('log:a');
    expect(await client.connection.subscribe('log:a')).toMatchObject({ kind: 'subscribed' });

    broker.down = true;
    answer();
    expect(await first).toEqual({ kind: 'refused', code: 'CLOSED' });
    broker.down = false;
    broker.put('log:a', '6');
    await fixture.clock.settle();

    expect(client.data('log:a')).toEqual([6]);
  });

  it('while thousands of events arrive holds a bounded number of them', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    broker.meanwhile = () => {
      for (let n = 0; n < 50_000; n += 1) broker.put('log:a', String(n));
    };

    const client = await join(fixture, 'log:a');
    broker.put('log:a', '"live"');
    await fixture.clock.settle();

    // Not all were held: the channel found itself incomplete, and asked again.
    expect(fixture.events.filter(({ kind }) => kind === 'hole-in-follow')).toHaveLength(1);
    expect(client.data('log:a').at(-1)).toBe('live');
  });

  it('to another server of the same engine is asked before a position is called ahead', async () => {
    const broker = new FaultyBroker();
    const fixture = makeHub({ broker });
    const early = await join(fixture, 'log:a');
    broker.swallow = 2;
    for (let n = 1; n <= 2; n += 1) broker.put('log:a', String(n));

    const client = await join(fixture, 'log:a', { position: { epoch: 'A', offset: 2 } });
    broker.put('log:a', '3');
    await fixture.clock.settle();

    expect(client.transport.received[1]?.frame).toMatchObject({ recovered: true });
    expect(client.data('log:a')).toEqual([3]);
    expect(early.data('log:a')).toEqual([1, 2, 3]);
  });
});

describe('an engine that breaks its word', () => {
  it('and answers nothing where something is kept is not asked for ever: the reader is told of the loss', async () => {
    class Empty extends FaultyBroker {
      override async read(request: Parameters<FaultyBroker['read']>[0]): ReturnType<FaultyBroker['read']> {
        const outcome = await super.read(request);
        return outcome.kind === 'events' ? { ...outcome, events: [], more: false } : outcome;
      }
    }
    const broker = new Empty();
    const fixture = makeHub({ broker });
    for (let n = 1; n <= 5; n += 1) broker.put('log:a', String(n));

    const client = await join(fixture, 'log:a', { position: { epoch: 'A', offset: 2 } });

    expect(client.transport.received[1]?.frame).toMatchObject({ recovered: false, cause: 'trimmed' });
    expect(broker.reads).toBe(1);
  });
});
