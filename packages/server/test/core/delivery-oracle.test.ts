import type { ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CuttableClient } from './cuttable-client.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { type HubFixture, makeHub } from './hub-fixture.ts';
import { clearUp, suffer, type Weather, type WeatherWorld, weatherOf } from './weather.ts';

type Step = Weather | { readonly do: 'publish'; readonly channel: number; readonly burst: number };

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
  ...weatherOf({ waits: 1, mostMs: 8000, mostSkipped: 30 }),
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
        clearUp(broker);
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

interface World extends WeatherWorld {
  readonly clients: readonly Reader[];
  /** The last number published, by channel. */
  readonly published: Map<string, number>;
}

async function perform(move: Step, world: World): Promise<void> {
  if (move.do !== 'publish') return suffer(move, world);
  const channel = CHANNELS[move.channel] ?? 'log:a';
  for (let n = 0; n < move.burst; n += 1) {
    const next = (world.published.get(channel) ?? 0) + 1;
    world.published.set(channel, next);
    world.broker.put(channel, String(next));
  }
}
