import type { ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CuttableClient } from './cuttable-client.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { type HubFixture, makeHub } from './hub-fixture.ts';

type Step =
  | { readonly do: 'publish'; readonly channel: number; readonly burst: number }
  | { readonly do: 'cut'; readonly client: number; readonly early: boolean }
  | { readonly do: 'pause' | 'resume'; readonly client: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'skip'; readonly events: number }
  | { readonly do: 'turn' | 'down' | 'up' };

const CHANNELS = ['log:a', 'log:b', 'log:c'];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant('publish' as const),
      channel: fc.nat(2),
      burst: fc.integer({ min: 1, max: 40 }),
    }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), client: fc.nat(3), early: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), client: fc.nat(3) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(8000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('skip' as const), events: fc.integer({ min: 1, max: 30 }) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('turn' as const, 'down' as const, 'up' as const) }) },
);

/** Counts what it is handed. */
class Reader extends CuttableClient {
  readonly seen = new Map<string, number[]>();
  lost = 0;

  constructor(fixture: HubFixture, channels: readonly string[]) {
    super(fixture, channels);
    for (const channel of channels) this.seen.set(channel, []);
  }

  protected override take(frame: ServerFrame): void {
    if (frame.type === 'event') this.seen.get(frame.channel)?.push(Number(frame.data));
    if (frame.type === 'subscribed' && frame.recovered === false) this.lost += 1;
  }
}

describe('delivery under any interleaving', () => {
  it('loses, doubles and reorders nothing while clients are cut, paused, closed as slow and resumed, and the engine skips and fails', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const broker = new FaultyBroker();
        const fixture = makeHub({ broker, limits: { recentEvents: 16, maxBufferedBytes: 2000, lingerMs: 1000 } });
        const clients = [CHANNELS, CHANNELS.slice(0, 2), ['log:a'], ['log:b']].map((list) => new Reader(fixture, list));
        for (const client of clients) client.connect();
        await fixture.clock.settle();
        // From here on every client stands somewhere: whoever never got a position cannot miss anything.
        for (const client of clients) client.read();
        const published = new Map(CHANNELS.map((channel) => [channel, 0]));

        for (const move of steps) {
          await perform(move, { fixture, broker, clients, published });
        }
        broker.down = false;
        broker.swallow = 0;
        // A hole shows with the next event of its channel.
        for (const channel of [0, 1, 2]) {
          await perform({ do: 'publish', channel, burst: 1 }, { fixture, broker, clients, published });
        }
        for (let round = 0; round < 4; round += 1) {
          for (const client of clients) client.resume();
          await fixture.clock.settle();
          for (const client of clients) client.read();
        }
        await fixture.clock.settle();
        for (const client of clients) client.read();

        for (const client of clients) {
          expect(client.lost).toBe(0);
          for (const [channel, seen] of client.seen) {
            expect(seen).toEqual(Array.from({ length: published.get(channel) ?? 0 }, (_, n) => n + 1));
          }
        }
      }),
      { numRuns: 150 },
    );
  });
});

async function perform(
  move: Step,
  world: {
    readonly fixture: HubFixture;
    readonly broker: FaultyBroker;
    readonly clients: readonly Reader[];
    readonly published: Map<string, number>;
  },
): Promise<void> {
  const { fixture, broker, clients, published } = world;
  switch (move.do) {
    case 'publish': {
      const channel = CHANNELS[move.channel] ?? 'log:a';
      for (let n = 0; n < move.burst; n += 1) {
        const next = (published.get(channel) ?? 0) + 1;
        published.set(channel, next);
        broker.put(channel, String(next));
      }
      return;
    }
    case 'cut':
      return clients[move.client]?.cut(move.early);
    case 'pause':
      return clients[move.client]?.pause();
    case 'resume':
      return clients[move.client]?.resume();
    case 'skip':
      broker.swallow = move.events;
      return;
    case 'down':
    case 'up':
      broker.down = move.do === 'down';
      return;
    case 'wait':
      await fixture.clock.advance(move.ms);
      for (const client of clients) client.read();
      return;
    case 'turn':
      await fixture.clock.settle();
      for (const client of clients) client.read();
  }
}
