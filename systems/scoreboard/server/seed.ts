/** Two courts to try, with matches on them; the one being played is on the main board. Only in an empty database: a restart changes nothing. */
import { apply, createMatch, type MatchSetup, type MatchState } from '@fanfare-systems/scoreboard/rules';
import type { ScoreboardLive } from './live.ts';
import { showMatch } from './scoring.ts';
import { MAIN_BOARD } from './store/court-store.ts';
import type { ScoreboardStore } from './store/store.ts';

export interface SeededCourt {
  readonly courtId: string;
  readonly name: string;
  readonly pin: string;
  readonly matchId: string;
}

export interface SeedOptions {
  readonly live: ScoreboardLive;
  readonly store: ScoreboardStore;
  readonly now: () => number;
}

const DEMO_TOURNAMENT = 'hanoi-open';

const DEMO: readonly (SeededCourt & { readonly setup: MatchSetup; readonly started: boolean })[] = [
  {
    courtId: 'court-1',
    name: 'Sân 1',
    pin: '1234',
    matchId: 'match-1',
    setup: { names: ['Nguyễn Tiến Minh', 'Lê Đức Phát'], bestOf: 3, firstServer: 0 },
    started: true,
  },
  {
    courtId: 'court-2',
    name: 'Sân 2',
    pin: '5678',
    matchId: 'match-2',
    setup: { names: ['Nguyễn Thùy Linh', 'Vũ Thị Trang'], bestOf: 3, firstServer: 1 },
    started: false,
  },
];

/** The courts that were made; none where the database has courts already. */
export function seedDemo({ live, store, now }: SeedOptions): Promise<readonly SeededCourt[]> {
  return live.transaction((tx) => {
    if (store.courts.all().length > 0) return [];
    return DEMO.map(({ setup, started, ...court }) => {
      const match = { id: court.matchId, tournamentId: DEMO_TOURNAMENT, state: demoState(setup, started, now()) };
      store.matches.insert(match);
      store.courts.save({ id: court.courtId, name: court.name, pin: court.pin, matchId: court.matchId, active: true });
      if (started) store.courts.setBoard(MAIN_BOARD, court.matchId);
      showMatch(tx, store, match);
      return court;
    });
  });
}

function demoState(setup: MatchSetup, started: boolean, now: number): MatchState {
  const fresh = createMatch(setup, now);
  const live = started ? apply(fresh, { action: 'start' }, now) : undefined;
  return live?.ok === true ? live.value : fresh;
}
