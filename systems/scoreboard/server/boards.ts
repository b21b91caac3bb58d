/** Makes every board and court show something: a display that connects before the first action must not stay empty. */
import { createMatch } from '@fanfare-systems/scoreboard/rules';
import type { ScoreboardLive } from './live.ts';
import { showMatch } from './scoring.ts';
import { MAIN_BOARD } from './store/court-store.ts';
import type { ScoreboardStore } from './store/store.ts';

export interface OpenBoardsOptions {
  readonly live: ScoreboardLive;
  readonly store: ScoreboardStore;
  readonly now: () => number;
}

/** Gives the main board a match where it has none, and sets the boards whose value an engine without a disk has forgotten. */
export async function openBoards({ live, store, now }: OpenBoardsOptions): Promise<void> {
  const { courts, matches } = store;
  await live.transaction(() => {
    if (courts.boardMatch(MAIN_BOARD) !== undefined) return;
    const id = `${MAIN_BOARD}-board`;
    matches.insert({
      id,
      tournamentId: null,
      state: createMatch({ names: ['A', 'B'], bestOf: 3, firstServer: 0 }, now()),
    });
    courts.setBoard(MAIN_BOARD, id);
  });
  const places = [
    { channel: `board:${MAIN_BOARD}` as const, matchId: courts.boardMatch(MAIN_BOARD) ?? '' },
    ...courts.all().map(({ pin, matchId }) => ({ channel: `court:${pin}` as const, matchId })),
  ];
  for (const { channel, matchId } of places) {
    const match = matches.find(matchId);
    if (match === undefined || (await live.channel(channel).get()) !== undefined) continue;
    await live.transaction((tx) => showMatch(tx, store, match));
  }
}
