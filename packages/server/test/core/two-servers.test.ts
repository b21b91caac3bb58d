/** Two servers of one engine, one of which has not been told yet what the other knows: judged by what clients of both are told. */
import type { Position } from '@fanfare/protocol';
import { FakeClock } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import type { Broker, FollowListener, StoredEvent } from '../../src/core/index.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { type HubFixture, join, lastPosition, makeHub, type TestClient } from './hub-fixture.ts';

/** One server's way to the engine: what it asks is answered as the engine stands, and the news may be long in coming. */
class SlowNews {
  isHeld = false;
  heads = 0;
  readonly broker: Broker;
  #held: (() => void)[] = [];

  constructor(engine: FaultyBroker) {
    this.broker = {
      append: (request) => engine.append(request),
      broadcast: (event) => engine.broadcast(event),
      read: (request) => engine.read(request),
      head: (channel) => {
        this.heads += 1;
        return engine.head(channel);
      },
      follow: (channel, listener) => engine.follow(channel, (events) => this.#tell(listener, events)),
    };
  }

  release(): void {
    this.isHeld = false;
    for (const tell of this.#held.splice(0)) tell();
  }

  #tell(listener: FollowListener, events: readonly StoredEvent[]): void {
    if (this.isHeld) this.#held.push(() => listener(events));
    else listener(events);
  }
}

interface Pair {
  readonly engine: FaultyBroker;
  readonly clock: FakeClock;
  readonly here: HubFixture;
  /** The server whose news are held back. */
  readonly there: HubFixture;
  readonly news: SlowNews;
}

/** Both follow the channel, and have heard of its first three events. */
async function makePair(channel: string): Promise<Pair> {
  const engine = new FaultyBroker();
  const clock = new FakeClock();
  const news = new SlowNews(engine);
  const here = makeHub({ broker: engine, clock });
  const there = makeHub({ broker: news.broker, clock });
  for (const server of [here, there]) await join(server, channel);
  for (let n = 1; n <= 3; n += 1) engine.put(channel, `"old ${n}"`);
  await clock.settle();
  news.isHeld = true;
  return { engine, clock, here, there, news };
}

function tellsLost(client: TestClient): readonly unknown[] {
  return client.transport.received.flatMap(({ frame }) =>
    frame.type === 'subscribed' && frame.recovered === false ? [frame.cause] : [],
  );
}

const FOREIGN: Position = { epoch: 'Z', offset: 7 };

describe.each(['log:a', 'state:a'])('a new history of %s that one of two servers has not heard of', (channel) => {
  /** The newer position was of another history than the one in memory there, and that was taken for a loss: told twice. */
  it('is not lost once more for a client that was told of it by the other', async () => {
    const { engine, clock, here, there, news } = await makePair(channel);
    engine.lose('B');
    for (let n = 1; n <= 2; n += 1) engine.put(channel, `"new ${n}"`, `${n}`);
    await clock.settle();
    const told = await join(here, channel, { position: { epoch: 'A', offset: 3 } });
    const position = lastPosition(told);
    engine.put(channel, '"missed"', '3');

    const client = await join(there, channel, { position });
    engine.put(channel, '"live"', '4');
    news.release();
    engine.put(channel, '"later"', '5');
    await clock.settle();

    expect(tellsLost(told)).toEqual(['epoch']);
    expect(tellsLost(client)).toEqual([]);
    expect(client.data(channel)).toEqual(['missed', 'live', 'later']);
    expect(client.transport.closedWith).toBeUndefined();
  });

  /** The engine said so, and the client was told of a place in the history that was over: with the first news it lost that as well. */
  it('is what a client begins in whom the engine says to have lost', async () => {
    const { engine, clock, there, news } = await makePair(channel);
    engine.put(channel, '"old 4"');
    engine.lose('B');
    engine.put(channel, '"new"');

    const client = await join(there, channel, { position: { epoch: 'A', offset: 4 } });
    news.release();
    engine.put(channel, '"newer"');
    await clock.settle();

    expect(tellsLost(client)).toEqual(['epoch']);
    expect(lastPosition(client)).toEqual({ epoch: 'B', offset: 2 });
    expect(client.data(channel).at(-1)).toBe('newer');
    expect(client.transport.closedWith).toBeUndefined();
  });

  it('sends those back who stand in the old one, to be told once', async () => {
    const { engine, clock, there, news } = await makePair(channel);
    const old = await join(there, channel);
    engine.lose('B');
    engine.put(channel, '"new"');

    await join(there, channel, { position: { epoch: 'B', offset: 0 } });
    await clock.advance(1000);
    const returned = await join(there, channel, { position: lastPosition(old) });
    news.release();
    await clock.settle();

    expect(old.transport.closedWith).toMatchObject({ reconnect: true });
    expect(tellsLost(returned)).toEqual(['epoch']);
    expect(returned.transport.closedWith).toBeUndefined();
  });
});

describe('a crowd with positions of other histories', () => {
  it('is told lost, all of it by one question to the engine', async () => {
    const { there, news } = await makePair('log:a');
    const before = news.heads;

    const crowd = await Promise.all(
      Array.from({ length: 300 }, (_, n) => join(there, 'log:a', { position: { epoch: `Z${n % 200}`, offset: n } })),
    );

    expect(crowd.every((client) => tellsLost(client).length === 1)).toBe(true);
    expect(news.heads - before).toBe(1);
  });

  it('has one question open at a time, and ten in a second, however long it goes on', async () => {
    const { clock, engine, there, news } = await makePair('log:a');
    const before = news.heads;
    let answer = (): void => undefined;
    const come = (n: number): Promise<TestClient> => join(there, 'log:a', { position: { epoch: `Y${n}`, offset: n } });
    const coming: Promise<TestClient>[] = [];

    engine.meanwhile = () => new Promise((resolve) => (answer = resolve));
    for (let n = 0; n < 30; n += 1) {
      coming.push(come(n));
      await clock.advance(10);
    }
    expect(news.heads - before).toBe(1);
    answer();
    for (let n = 30; n < 130; n += 1) {
      coming.push(come(n));
      await clock.advance(10);
    }
    await clock.advance(200);

    const crowd = await Promise.all(coming);
    expect(crowd.every((client) => tellsLost(client).length === 1)).toBe(true);
    expect(news.heads - before).toBeLessThanOrEqual(13);
    expect(news.heads - before).toBeGreaterThan(5);
  });

  it('is judged by what the engine says after it came: the answer to who came before is none', async () => {
    const { clock, engine, there } = await makePair('log:a');
    let answer = (): void => undefined;
    engine.meanwhile = () => new Promise((resolve) => (answer = resolve));
    const early = join(there, 'log:a', { position: FOREIGN });
    await clock.settle();
    engine.lose('B');
    engine.put('log:a', '"new"');

    const late = join(there, 'log:a', { position: { epoch: 'B', offset: 0 } });
    await clock.settle();
    answer();
    await clock.advance(200);

    expect(tellsLost(await early)).toEqual(['epoch']);
    expect(tellsLost(await late)).toEqual([]);
    expect((await late).data('log:a')).toEqual(['new']);
  });

  it('is refused, to come again, while the engine cannot say', async () => {
    const { engine, clock, there } = await makePair('log:a');
    engine.down = true;

    const client = await join(there, 'log:a', { position: FOREIGN });
    engine.down = false;
    const again = join(there, 'log:a', { position: FOREIGN });
    await clock.advance(200);

    expect(client.transport.types).toEqual(['connected']);
    expect(there.events).toContainEqual(
      expect.objectContaining({ kind: 'subscribe-refused', code: 'ENGINE_UNAVAILABLE' }),
    );
    expect(tellsLost(await again)).toEqual(['epoch']);
  });
});
