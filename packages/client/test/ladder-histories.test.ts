/** What holds over all histories of a ladder. */
import type { TransportName } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterShortLife,
  afterSuccess,
  betterRungs,
  currentRung,
  LADDER_RULES,
  type Ladder,
  newLadder,
  probeDelayMs,
  reasonFor,
  restricted,
} from '../src/ladder.ts';

const ALL: readonly TransportName[] = ['ws', 'sse', 'poll'];
const RULES = LADDER_RULES;

const name = fc.constantFrom(...ALL);
const rungs = fc.subarray([...ALL], { minLength: 1 });
const random = fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true });

/** What may happen to a ladder. `climb`: a probe of one of the better rungs, chosen by `pick`, got through. */
type Happening =
  | { readonly kind: 'failure' }
  | { readonly kind: 'short life' }
  | { readonly kind: 'success'; readonly lasting: boolean }
  | { readonly kind: 'climb'; readonly pick: number; readonly lasting: boolean }
  | { readonly kind: 'order'; readonly allowed: readonly TransportName[] | undefined };

const happening: fc.Arbitrary<Happening> = fc.oneof(
  { weight: 2, arbitrary: fc.constant({ kind: 'failure' } as const) },
  { weight: 2, arbitrary: fc.constant({ kind: 'short life' } as const) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('success' as const), lasting: fc.boolean() }) },
  {
    weight: 2,
    arbitrary: fc.record({ kind: fc.constant('climb' as const), pick: fc.nat(2), lasting: fc.boolean() }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('order' as const),
      allowed: fc.option(fc.subarray([...ALL]), { nil: undefined }),
    }),
  },
);

function happen(ladder: Ladder, event: Happening): Ladder {
  const rung = currentRung(ladder);
  if (event.kind === 'order') return restricted(ladder, event.allowed);
  if (rung === undefined) return ladder;
  if (event.kind === 'failure') return afterFailure(ladder).ladder;
  if (event.kind === 'short life') return afterShortLife(ladder);
  if (event.kind === 'success') return afterSuccess(ladder, rung, event.lasting);
  const better = betterRungs(ladder, rung);
  const climbed = better[event.pick % Math.max(1, better.length)];
  return climbed === undefined ? ladder : afterSuccess(ladder, climbed, event.lasting);
}

interface History {
  readonly rungs: readonly TransportName[];
  readonly proven: TransportName | undefined;
  readonly events: readonly Happening[];
}

const history: fc.Arbitrary<History> = fc.record({
  rungs,
  proven: fc.option(name, { nil: undefined }),
  events: fc.array(happening, { maxLength: 40 }),
});

/** Calls `check` for every ladder on the way, with what led to it. */
function along(
  { rungs: own, proven, events }: History,
  check: (ladder: Ladder, event: Happening | undefined, before: Ladder) => void,
): void {
  let ladder = newLadder(own, proven);
  check(ladder, undefined, ladder);
  for (const event of events) {
    const before = ladder;
    ladder = happen(ladder, event);
    check(ladder, event, before);
  }
}

describe('whatever happens', () => {
  it('the rung in use is one of its own that the operator allows; there is none only where nothing is left', () => {
    fc.assert(
      fc.property(history, (what) => {
        along(what, (ladder) => {
          const usable = ladder.rungs.filter((rung) => ladder.allowed?.includes(rung) !== false);
          const rung = currentRung(ladder);

          if (usable.length === 0) expect(rung).toBeUndefined();
          else expect(usable).toContain(rung);
        });
      }),
    );
  });

  it('what the operator allows is what it said last', () => {
    fc.assert(
      fc.property(history, (what) => {
        let said: readonly TransportName[] | undefined;
        along(what, (ladder, event) => {
          if (event?.kind === 'order') said = event.allowed;

          expect(ladder.allowed).toEqual(said);
        });
      }),
    );
  });

  it('the walk down ends: fewer moves to the next in a row than there are rungs, then a wait', () => {
    fc.assert(
      fc.property(history, (what) => {
        along(what, (ladder) => {
          let at = ladder;
          let inARow = 0;
          for (let failures = 0; failures < 12; failures += 1) {
            const after = afterFailure(at);
            at = after.ladder;
            inARow = after.next ? inARow + 1 : 0;

            expect(inARow).toBeLessThan(ladder.rungs.length);
          }
        });
      }),
    );
  });

  it('a walk down tries every rung that may be used before it tries one again', () => {
    fc.assert(
      fc.property(history, (what) => {
        along(what, (ladder) => {
          const tried = new Set<TransportName | undefined>();
          let at = ladder;
          for (let failures = 0; failures < 16; failures += 1) {
            tried.add(currentRung(at));
            at = afterFailure(at).ladder;
          }

          const usable = ladder.rungs.filter((rung) => ladder.allowed?.includes(rung) !== false);
          expect([...tried].sort()).toEqual(usable.length === 0 ? [undefined] : [...usable].sort());
        });
      }),
    );
  });

  it('a rung that lasts is remembered, until another one lasts', () => {
    fc.assert(
      fc.property(history, (what) => {
        along(what, (ladder, event, before) => {
          const rung = event?.kind === 'success' ? currentRung(before) : undefined;
          if (event?.kind === 'success' && event.lasting && rung !== undefined) {
            expect(ladder).toMatchObject({ proven: rung, strikes: 0 });
            expect(currentRung(ladder)).toBe(rung);
          } else if (event?.kind !== 'climb') expect(ladder.proven).toBe(before.proven);
        });
      }),
    );
  });

  it('a rung that was climbed to is the one in use', () => {
    fc.assert(
      fc.property(history, fc.nat(2), fc.boolean(), (what, pick, lasting) => {
        along(what, (ladder) => {
          const better = betterRungs(ladder, currentRung(ladder));
          const climbed = better[pick % Math.max(1, better.length)];
          if (climbed === undefined) return;

          // One that is better still, and was never given up, comes first all the same.
          const above = ladder.rungs.slice(0, ladder.rungs.indexOf(climbed));
          const isBlocked = above.every(
            (rung) => ladder.down.includes(rung) || ladder.allowed?.includes(rung) === false,
          );
          const after = currentRung(afterSuccess(ladder, climbed, lasting));
          if (isBlocked) expect(after).toBe(climbed);
          else expect([...above, climbed]).toContain(after);
        });
      }),
    );
  });

  it('nothing is asked for that is not better than what is in use, nor what the operator forbids', () => {
    fc.assert(
      fc.property(history, name, (what, inUse) => {
        along(what, (ladder) => {
          for (const rung of betterRungs(ladder, inUse)) {
            expect(ladder.rungs.indexOf(rung)).toBeLessThan(ladder.rungs.indexOf(inUse));
            expect(ladder.allowed?.includes(rung)).not.toBe(false);
          }
        });
      }),
    );
  });

  it('while the best is not in use, a page is told why', () => {
    fc.assert(
      fc.property(history, (what) => {
        along(what, (ladder) => {
          const rung = currentRung(ladder);
          if (rung === undefined) return;

          expect(reasonFor(ladder, rung) === undefined).toBe(rung === ladder.rungs[0]);
        });
      }),
    );
  });

  it('the next probe comes: within the cap while polling, within twenty caps beside a live wire, and not at once', () => {
    fc.assert(
      fc.property(history, random, fc.nat(2000), (what, chance, rounds) => {
        along(what, (ladder) => {
          const input = { random: chance, rules: RULES };
          const late = { ...ladder, rounds };

          expect(probeDelayMs(late, false, input)).toBeGreaterThanOrEqual(RULES.probeMs / 2);
          expect(probeDelayMs(late, false, input)).toBeLessThanOrEqual(RULES.probeCapMs);
          expect(probeDelayMs(late, true, input)).toBeLessThanOrEqual(20 * RULES.probeCapMs);
          expect(probeDelayMs(late, true, input)).toBeGreaterThan(probeDelayMs(late, false, input));
        });
      }),
    );
  });
});
