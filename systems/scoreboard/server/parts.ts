/** What the routes work with: one object, made by `createScoreboard`. */
import type { Courts } from './courts.ts';
import type { ScoreboardLive } from './live.ts';
import type { PinGate } from './pin-gate.ts';
import type { Scoring } from './scoring.ts';
import type { Sessions } from './sessions.ts';
import type { ScoreboardStore } from './store/store.ts';
import type { ScoreboardViews } from './views.ts';

export interface ScoreboardParts {
  readonly live: ScoreboardLive;
  readonly store: ScoreboardStore;
  readonly scoring: Scoring;
  readonly courts: Courts;
  readonly sessions: Sessions;
  readonly gate: PinGate;
  readonly views: ScoreboardViews;
  /** What GET /health says beside its status. */
  readonly health: () => object;
  /** Wall clock, milliseconds. */
  readonly now: () => number;
  /** Monotonic milliseconds. */
  readonly monotonic: () => number;
}
