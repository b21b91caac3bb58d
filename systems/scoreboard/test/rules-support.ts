/** Shared by the tests of the rules: matches by shorthand, and random rallies that are always legal. */
import {
  type ActionName,
  apply,
  type BestOf,
  createMatch,
  type MatchState,
  type Side,
} from '@fanfare-systems/scoreboard/rules';
import fc from 'fast-check';

export const NAMES = ['Nguyễn Tiến Minh', 'Lê Đức Phát'] as const;
export const T0 = 1_764_551_888_942;

export function newMatch(bestOf: BestOf = 3, firstServer: Side = 0): MatchState {
  return createMatch({ names: NAMES, bestOf, firstServer }, T0);
}

/** Applies actions in order, one second apart; throws where one is refused, because the test meant it to be legal. */
export function play(state: MatchState, actions: Iterable<ActionName>): MatchState {
  let current = state;
  for (const action of actions) {
    const outcome = apply(current, { action }, current.at + 1000);
    if (!outcome.ok) throw new Error(`${action} was refused: ${outcome.code}`);
    current = outcome.value;
  }
  return current;
}

export function refusal(state: MatchState, action: ActionName): string | undefined {
  const outcome = apply(state, { action }, state.at + 1000);
  return outcome.ok ? undefined : outcome.code;
}

export function points(side: 'A' | 'B', count: number): ActionName[] {
  return Array.from({ length: count }, () => (side === 'A' ? 'pointA' : 'pointB'));
}

/** Rallies that lead from 0-0 to a score that both sides reach without ending the game before. */
export function toScore(a: number, b: number): ActionName[] {
  const even = Math.min(a, b);
  const pairs = Array.from({ length: even }, (): ActionName[] => ['pointA', 'pointB']).flat();
  return [...pairs, ...points('A', a - even), ...points('B', b - even)];
}

/** A whole game for one side, 21-0. */
export function wholeGame(side: 'A' | 'B'): ActionName[] {
  return points(side, 21);
}

export const anyBestOf: fc.Arbitrary<BestOf> = fc.constantFrom(1, 3, 5);
export const anySide: fc.Arbitrary<Side> = fc.constantFrom(0, 1);

/** Actions as an impatient umpire might tap them: legal or not, swaps and pauses between rallies. */
export const anyActions: fc.Arbitrary<ActionName[]> = fc.array(
  fc.oneof(
    { weight: 12, arbitrary: fc.constantFrom<ActionName>('pointA', 'pointB') },
    { weight: 2, arbitrary: fc.constant<ActionName>('nextGame') },
    { weight: 1, arbitrary: fc.constantFrom<ActionName>('swap', 'pause', 'resume', 'start', 'undo', 'retire') },
  ),
  { maxLength: 200, size: 'max' },
);
