/** A text that an engine cannot keep never reaches it: whatever stands in a key, the public API stores it or refuses it by code. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type ChannelMap, createFanfare, FanfareError, log, memory, sqlite, state } from '../../src/index.ts';

const channels = { 'log:{id}': log(), 'state:{id}': state() } satisfies ChannelMap;

/** Anything a caller may put there, with what databases and encodings trip over in front. */
const text = fc.oneof(
  fc.constantFrom('\0', 'a\0b', '\ud800', '\udfff', 'a\ud83d', '\ufeff', '\r\n', ''),
  fc.string({ unit: 'binary', maxLength: 140 }),
  fc.string({ unit: 'grapheme-ascii', maxLength: 140 }),
);

function outcomeOf(work: Promise<unknown>): Promise<unknown> {
  return work.then(
    () => 'stored',
    (error: unknown) => (error instanceof FanfareError && error.status === 400 ? 'refused' : error),
  );
}

describe('a key through the public API', () => {
  it.each([
    ['memory', () => memory()],
    ['sqlite', () => sqlite(':memory:')],
  ])('of %s is stored or refused with a code, and never a TypeError of the engine', async (_, open) => {
    const live = createFanfare({ engine: open(), channels });

    await fc.assert(
      fc.asyncProperty(text, async (key) => {
        const outcomes = await Promise.all([
          outcomeOf(live.channel('log:1').publish('added', 1, { idempotencyKey: key })),
          outcomeOf(live.channel('state:1').set(1, { idempotencyKey: key })),
          outcomeOf(live.channel('state:1').set(1, { key })),
        ]);
        for (const outcome of outcomes) expect(outcome).toBeOneOf(['stored', 'refused']);
      }),
    );
    await live.close();
  });

  it('is the same inside a transaction', async () => {
    const live = createFanfare({ engine: sqlite(':memory:'), channels });

    await fc.assert(
      fc.asyncProperty(text, async (key) => {
        const outcome = await outcomeOf(
          live.transaction((tx) => {
            tx.channel('log:1').publish('added', 1, { idempotencyKey: key });
            tx.channel('state:1').set(1, { key, idempotencyKey: key });
          }),
        );
        expect(outcome).toBeOneOf(['stored', 'refused']);
      }),
    );
    await live.close();
  });
});
