import type { ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CuttableClient } from './cuttable-client.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { makeHub } from './hub-fixture.ts';
import { clearUp, suffer, type Weather, type WeatherWorld, weatherOf } from './weather.ts';

type Step = Weather | { readonly do: 'set'; readonly channel: number; readonly key: number; readonly burst: number };

const CHANNELS = ['state:a', 'throttled:b'];

const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      do: fc.constant('set' as const),
      channel: fc.nat(1),
      key: fc.nat(3),
      burst: fc.integer({ min: 1, max: 8 }),
    }),
  },
  ...weatherOf({ waits: 2, mostMs: 120, mostSkipped: 3 }),
);

/** Shows the newest value per key, and notes every value that is older than one shown. */
class Board extends CuttableClient {
  readonly shown = new Map<string, number>();
  readonly stale: string[] = [];

  protected override take(frame: ServerFrame): void {
    if (frame.type !== 'event') return;
    const key = `${frame.channel} ${frame.key ?? ''}`;
    const value = Number(frame.data);
    if (value < (this.shown.get(key) ?? 0)) this.stale.push(`${key}: ${value} after ${this.shown.get(key)}`);
    this.shown.set(key, value);
  }
}

interface World extends WeatherWorld {
  readonly clients: readonly Board[];
  /** The last value set, by channel and key. */
  readonly truth: Map<string, number>;
}

describe('states under any interleaving', () => {
  it('every board ends on the newest value of every key, and never shows an older value after a newer one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 60 }), async (steps) => {
        const broker = new FaultyBroker();
        const fixture = makeHub({ broker, limits: { maxBufferedBytes: 1500, lingerMs: 100 } });
        const boards = [CHANNELS, CHANNELS, ['state:a'], ['throttled:b']].map((list) => new Board(fixture, list));
        const world: World = { fixture, broker, clients: boards, truth: new Map() };
        for (const board of boards) board.connect();

        for (const move of steps) await perform(move, world);
        clearUp(broker);
        // A hole shows with the next event of its channel.
        for (const channel of [0, 1]) await perform({ do: 'set', channel, key: 0, burst: 1 }, world);
        for (let round = 0; round < 5; round += 1) {
          for (const board of boards) board.resume();
          await fixture.clock.advance(60);
          for (const board of boards) board.read();
        }

        for (const [index, board] of boards.entries()) {
          expect(board.stale).toEqual([]);
          const mine = [...world.truth].filter(([key]) => index < 2 || key.startsWith(index === 2 ? 'state' : 'thr'));
          expect(new Map([...board.shown].sort())).toEqual(new Map(mine.sort()));
        }
      }),
      { numRuns: 200 },
    );
  });
});

async function perform(move: Step, world: World): Promise<void> {
  if (move.do !== 'set') return suffer(move, world);
  for (let n = 0; n < move.burst; n += 1) {
    const channel = CHANNELS[move.channel] ?? '';
    // Values count up, so that a later one is greater.
    const value = world.broker.appended + 1;
    world.broker.put(channel, String(value), `k${move.key}`);
    world.truth.set(`${channel} k${move.key}`, value);
  }
}
