/** What holds for everything that is published, whatever happens to the wire: a model of queue, wire and server. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Call, PublishWorld, told } from './publish-queue-world.ts';

function codeOf({ settled }: Call): string | undefined {
  return settled !== undefined && 'error' in settled ? settled.error.code : undefined;
}

const CHANNELS = ['log:a', 'log:b', 'log:c'];

/** What may happen between a client, its wire and its server. */
const happening = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('publish' as const), channel: fc.constantFrom(...CHANNELS) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('hasty' as const), channel: fc.constantFrom(...CHANNELS) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('take' as const) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('hear' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('refuse' as const), retry: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('cut' as const), arrived: fc.nat(4) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('connect' as const) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('advance' as const), ms: fc.nat(3000) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('abort' as const), which: fc.nat() }) },
);

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

function happen(world: PublishWorld, what: Happening): void {
  if (what.do === 'publish') world.publish(what.channel);
  else if (what.do === 'hasty') world.publish(what.channel, { timeoutMs: 500 });
  else if (what.do === 'refuse') world.refuse(what.retry);
  else if (what.do === 'cut') world.cut(what.arrived);
  else if (what.do === 'advance') world.platform.advance(what.ms);
  else if (what.do === 'abort') world.waiting[what.which % Math.max(1, world.waiting.length)]?.stop.abort();
  else world[what.do]();
}

describe('whatever happens to the wire', () => {
  const rules = fc.record({
    maxQueued: fc.integer({ min: 1, max: 6 }),
    whenFull: fc.constantFrom('reject' as const, 'drop-oldest' as const),
    timeoutMs: fc.constantFrom(2000, 30_000),
  });

  it('a channel stores in the order of the calls, once; what waits is bounded; everything is settled once, and truly', async () => {
    await fc.assert(
      fc.asyncProperty(rules, fc.array(happening, { maxLength: 80 }), async (limits, events) => {
        const world = new PublishWorld(limits);
        for (const event of events) {
          happen(world, event);
          await told();

          expect(world.waiting.length).toBeLessThanOrEqual(limits.maxQueued);
          for (const numbers of world.stored.values())
            expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        }
        world.cut();
        world.connect();
        await world.settle();

        expect(world.waiting).toEqual([]);
        for (const { times, settled, channel, number } of world.calls) {
          expect(times).toBe(1);
          if (settled !== undefined && 'receipt' in settled) expect(world.stored.get(channel)).toContain(number);
        }
        for (const numbers of world.stored.values())
          expect(numbers).toEqual([...new Set(numbers)].sort((a, b) => a - b));
        world.platform.advance(10_000);
        expect([world.queue.busy, world.platform.timers]).toEqual([false, 0]);
      }),
      { numRuns: 300 },
    );
  });

  it('what the server refused, timed out or was aborted is all that is not stored in the end', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 60 }), async (events) => {
        const world = new PublishWorld({ maxQueued: 1000, timeoutMs: 1_000_000_000 });
        for (const event of events) happen(world, event);
        world.connect();
        await world.settle();

        for (const call of world.calls) {
          const isStored = world.stored.get(call.channel)?.includes(call.number) === true;
          const excuse = ['ABORTED', 'PAYLOAD_INVALID', 'PUBLISH_TIMEOUT'].includes(codeOf(call) ?? '');
          expect(isStored || excuse).toBe(true);
        }
      }),
      { numRuns: 300 },
    );
  });

  it('is closed at any moment: all are settled, and nothing is left behind', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(happening, { maxLength: 40 }), async (events) => {
        const world = new PublishWorld({ maxQueued: 5 });
        for (const event of events) happen(world, event);
        world.queue.close();
        await told();

        expect(world.waiting).toEqual([]);
        expect([world.queue.busy, world.platform.timers]).toEqual([false, 0]);
      }),
      { numRuns: 300 },
    );
  });
});
