/** What happens to clients and their engine in the tests of any interleaving: moves as data, and what each of them does. */
import fc from 'fast-check';
import type { CuttableClient } from './cuttable-client.ts';
import type { FaultyBroker } from './faulty-broker.ts';
import type { HubFixture } from './hub-fixture.ts';

export type Weather =
  | { readonly do: 'cut'; readonly client: number; readonly early: boolean }
  | { readonly do: 'pause' | 'resume'; readonly client: number }
  | { readonly do: 'wait'; readonly ms: number }
  | { readonly do: 'skip'; readonly events: number }
  | { readonly do: 'turn' | 'down' | 'up' };

export interface WeatherBounds {
  /** How often the clock is moved on, of about ten moves, and by how much at most. */
  readonly waits: number;
  readonly mostMs: number;
  /** Most events that the engine keeps from its followers at once. */
  readonly mostSkipped: number;
}

const client = fc.nat(3);

export function weatherOf({ waits, mostMs, mostSkipped }: WeatherBounds): fc.WeightedArbitrary<Weather>[] {
  return [
    { weight: 3, arbitrary: fc.record({ do: fc.constant('cut' as const), client, early: fc.boolean() }) },
    { weight: 2, arbitrary: fc.record({ do: fc.constantFrom('pause' as const, 'resume' as const), client }) },
    { weight: waits, arbitrary: fc.record({ do: fc.constant('wait' as const), ms: fc.nat(mostMs) }) },
    {
      weight: 1,
      arbitrary: fc.record({ do: fc.constant('skip' as const), events: fc.integer({ min: 1, max: mostSkipped }) }),
    },
    { weight: 3, arbitrary: fc.record({ do: fc.constantFrom('turn' as const, 'down' as const, 'up' as const) }) },
  ];
}

export interface WeatherWorld {
  readonly fixture: HubFixture;
  readonly broker: FaultyBroker;
  readonly clients: readonly CuttableClient[];
}

export async function suffer(move: Weather, { fixture, broker, clients }: WeatherWorld): Promise<void> {
  switch (move.do) {
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
      break;
    case 'turn':
      await fixture.clock.settle();
  }
  for (const one of clients) one.read();
}

/** The engine answers again, and keeps nothing from anybody. */
export function clearUp(broker: FaultyBroker): void {
  broker.down = false;
  broker.swallow = 0;
}
