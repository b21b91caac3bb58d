import type { ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CuttableClient } from './cuttable-client.ts';
import { FaultyBroker } from './faulty-broker.ts';
import { type HubFixture, makeHub } from './hub-fixture.ts';

type Step =
  | { readonly do: 'set'; readonly channel: number; readonly key: number; readonly burst: number }
  | { readonly do: 'cut'; readonly client: number; readonly early: boolean }
  | { readonly do: 'pause' | 'resume'; readonly client: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'skip'; readonly events: number }
  | { readonly do: 'down' | 'up' | 'turn' };

const CHANNELS = ['state:a', 'throttled:b'];
const client = fc.nat(3);

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
  { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), client, early: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), client }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(120) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant('skip' as const), events: fc.integer({ min: 1, max: 3 }) }),
  },
  { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('turn' as const, 'down' as const, 'up' as const) }) },
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

interface World {
  readonly fixture: HubFixture;
  readonly broker: FaultyBroker;
  readonly boards: readonly Board[];
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
        const world: World = { fixture, broker, boards, truth: new Map() };
        for (const board of boards) board.connect();

        for (const move of steps) await perform(move, world);
        broker.down = false;
        broker.swallow = 0;
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

async function perform(move: Step, { fixture, broker, boards, truth }: World): Promise<void> {
  switch (move.do) {
    case 'set':
      for (let n = 0; n < move.burst; n += 1) {
        const channel = CHANNELS[move.channel] ?? '';
        // Values count up, so that a later one is greater.
        const value = broker.appended + 1;
        broker.put(channel, String(value), `k${move.key}`);
        truth.set(`${channel} k${move.key}`, value);
      }
      return;
    case 'cut':
      return boards[move.client]?.cut(move.early);
    case 'pause':
      return boards[move.client]?.pause();
    case 'resume':
      return boards[move.client]?.resume();
    case 'skip':
      broker.swallow = move.events;
      return;
    case 'down':
    case 'up':
      broker.down = move.do === 'down';
      return;
    case 'wait':
      await fixture.clock.advance(move.ms);
      break;
    case 'turn':
      await fixture.clock.settle();
  }
  for (const board of boards) board.read();
}
