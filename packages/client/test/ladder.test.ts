/** Which transport is used next: every function of the ladder. */
import type { TransportName } from '@fanfare/protocol';
import { describe, expect, it } from 'vitest';
import {
  afterFailure,
  afterShortLife,
  afterSuccess,
  betterRungs,
  currentRung,
  isTrial,
  LADDER_RULES,
  type Ladder,
  newLadder,
  probeDelayMs,
  reasonFor,
  restricted,
} from '../src/ladder.ts';

const ALL: readonly TransportName[] = ['ws', 'sse', 'poll'];
const RULES = LADDER_RULES;

/** The ladder after so many failures in a row, and whether each wanted another transport at once. */
function fail(ladder: Ladder, times: number): { readonly ladder: Ladder; readonly nexts: readonly boolean[] } {
  const nexts: boolean[] = [];
  let at = ladder;
  for (let time = 0; time < times; time += 1) {
    const after = afterFailure(at);
    at = after.ladder;
    nexts.push(after.next);
  }
  return { ladder: at, nexts };
}

function breakOff(ladder: Ladder, times: number): Ladder {
  let at = ladder;
  for (let time = 0; time < times; time += 1) at = afterShortLife(at);
  return at;
}

describe('a new ladder', () => {
  it('begins with the best rung', () => {
    expect(currentRung(newLadder(ALL))).toBe('ws');
    expect(reasonFor(newLadder(ALL), 'ws')).toBeUndefined();
  });

  it.each(ALL)('begins with %s where that worked on the last visit', (proven) => {
    expect(currentRung(newLadder(ALL, proven))).toBe(proven);
  });

  it('says that the better ones are blocked where a lesser one worked on the last visit', () => {
    expect(reasonFor(newLadder(ALL, 'poll'), 'poll')?.code).toBe('LIVE_BLOCKED');
  });

  it.each([undefined, '', 'pigeon'])('takes no notice of %j in its memory', (proven) => {
    expect(newLadder(ALL, proven)).toEqual(newLadder(ALL));
  });

  it('takes no notice of a transport in its memory that the application does not allow any more', () => {
    expect(newLadder(['ws', 'poll'], 'sse')).toEqual(newLadder(['ws', 'poll']));
  });
});

describe('a failure to open', () => {
  it('of what never worked leads to the next at once, and after the last to a wait and to the best again', () => {
    const { ladder, nexts } = fail(newLadder(ALL), 3);

    expect(nexts).toEqual([true, true, false]);
    expect(currentRung(ladder)).toBe('ws');
  });

  it('of what worked before is forgiven once', () => {
    const first = afterFailure(afterSuccess(newLadder(ALL), 'ws', true));
    const second = afterFailure(first.ladder);

    expect([first.next, currentRung(first.ladder)]).toEqual([false, 'ws']);
    expect([second.next, currentRung(second.ladder)]).toEqual([true, 'sse']);
    expect(reasonFor(second.ladder, 'sse')?.code).toBe('LIVE_BLOCKED');
  });

  it('of everything begins again with what worked, which is not forgiven once more', () => {
    const tired = fail(afterSuccess(newLadder(ALL), 'ws', true), 4);
    const again = afterFailure(tired.ladder);

    expect(tired.nexts).toEqual([false, true, true, false]);
    expect(currentRung(tired.ladder)).toBe('ws');
    expect([again.next, currentRung(again.ladder)]).toEqual([true, 'sse']);
  });

  it('of the only transport is never a reason to look for another', () => {
    expect(fail(newLadder(['sse']), 4).nexts).toEqual([false, false, false, false]);
  });

  it('keeps what the operator allows when it begins again', () => {
    const { ladder } = fail(restricted(newLadder(ALL), ['sse', 'poll']), 2);

    expect(currentRung(ladder)).toBe('sse');
  });
});

describe('a life that was too short', () => {
  it('is forgiven once', () => {
    const ladder = newLadder(ALL);

    expect(currentRung(breakOff(ladder, 1))).toBe('ws');
    expect(currentRung(breakOff(ladder, 2))).toBe('sse');
    expect(currentRung(breakOff(ladder, 4))).toBe('poll');
    expect(reasonFor(breakOff(ladder, 2), 'sse')?.code).toBe('SHORT_LIVED');
  });

  it('is forgotten when a wire lasts', () => {
    const ladder = afterSuccess(breakOff(newLadder(ALL), 1), 'ws', true);

    expect(currentRung(breakOff(ladder, 1))).toBe('ws');
  });

  it('is not forgotten by a wire that merely opened', () => {
    const ladder = afterSuccess(breakOff(newLadder(ALL), 1), 'ws', false);

    expect(currentRung(breakOff(ladder, 1))).toBe('sse');
  });

  it('of the last rung changes nothing: there is no other', () => {
    expect(currentRung(breakOff(newLadder(ALL, 'poll'), 10))).toBe('poll');
  });

  it('makes the next probe wait longer than a failure to open does', () => {
    const input = { random: 0, rules: RULES };

    const afterBlocked = probeDelayMs(afterFailure(newLadder(ALL)).ladder, false, input);
    const afterShort = probeDelayMs(breakOff(newLadder(ALL), 3), false, input);

    expect(afterShort).toBeGreaterThan(afterBlocked);
  });
});

describe('a success', () => {
  it('of a better rung brings it back, and the ones above it stay given up', () => {
    const onPoll = fail(newLadder(ALL), 2).ladder;

    const onSse = afterSuccess(onPoll, 'sse', false);

    expect(currentRung(onSse)).toBe('sse');
    expect(onSse.down).toEqual(['ws']);
  });

  it('of a better rung makes the rest of the way up as quick as on the first day', () => {
    const tired = { ...fail(newLadder(ALL), 2).ladder, rounds: 9 };

    expect(afterSuccess(tired, 'sse', false).rounds).toBe(0);
    expect(afterSuccess(tired, 'poll', true).rounds).toBe(9);
  });

  it('that merely opened is not remembered, and changes nothing of the rung in use', () => {
    const ladder = newLadder(ALL);

    expect(afterSuccess(ladder, 'ws', false)).toBe(ladder);
    expect(afterSuccess(fail(ladder, 2).ladder, 'ws', false).proven).toBeUndefined();
  });

  it('of the best rung leaves nothing to explain', () => {
    const ladder = afterSuccess(fail(newLadder(ALL), 2).ladder, 'ws', true);

    expect(reasonFor(ladder, 'ws')).toBeUndefined();
    expect(betterRungs(ladder, 'ws')).toEqual([]);
  });
});

describe("the operator's order", () => {
  it('moves to what is allowed, and back', () => {
    const polling = restricted(newLadder(ALL), ['poll']);

    expect(currentRung(polling)).toBe('poll');
    expect(reasonFor(polling, 'poll')?.code).toBe('TRANSPORTS_SET');
    expect(betterRungs(polling, 'poll')).toEqual([]);
    expect(currentRung(restricted(polling, undefined))).toBe('ws');
  });

  it('is obeyed with a rung that was given up, where it leaves no other', () => {
    expect(currentRung(restricted(fail(newLadder(ALL), 2).ladder, ['ws']))).toBe('ws');
  });

  it('leaves nothing where it allows only what this client cannot do', () => {
    expect(currentRung(restricted(newLadder(['sse']), ['ws', 'poll']))).toBeUndefined();
    expect(afterFailure(restricted(newLadder(['sse']), ['ws'])).next).toBe(false);
  });

  it('that says the same again changes nothing', () => {
    const ladder = restricted(breakOff(newLadder(ALL), 2), ['ws', 'poll']);

    expect(restricted(ladder, ['ws', 'poll'])).toBe(ladder);
  });

  it('is not what keeps a client from the best when the best is allowed', () => {
    const ladder = afterFailure(restricted(newLadder(ALL), ['ws', 'poll'])).ladder;

    expect(currentRung(ladder)).toBe('poll');
    expect(reasonFor(ladder, 'poll')?.code).toBe('LIVE_BLOCKED');
  });
});

describe('the time an attempt may take', () => {
  it('is short for what never worked here, as long as there is another to try', () => {
    expect(isTrial(newLadder(ALL))).toBe(true);
    expect(isTrial(fail(newLadder(ALL), 1).ladder)).toBe(true);
  });

  it('is long for what worked, and for the last', () => {
    expect(isTrial(newLadder(ALL, 'ws'))).toBe(false);
    expect(isTrial(fail(newLadder(ALL), 2).ladder)).toBe(false);
    expect(isTrial(newLadder(['sse']))).toBe(false);
  });
});
