/** Puts the scoreboard together: its channels for `createFanfare`, its routes for the server, its demo courts. */
import type { IncomingMessage } from 'node:http';
import type { Check, Identity, SqlDatabase } from 'fanfare';
import { HttpError, OriginPolicy, Router } from 'fanfare/http';
import { openBoards } from './boards.ts';
import { type ScoreboardChannels, scoreboardChannels } from './channels.ts';
import { Courts } from './courts.ts';
import type { ScoreboardLive } from './live.ts';
import type { ScoreboardParts } from './parts.ts';
import { DEFAULT_WRONG_PINS, PinGate, type WrongPinLimit } from './pin-gate.ts';
import { boardRoutes } from './routes/board-routes.ts';
import { courtRoutes } from './routes/court-routes.ts';
import { factsRoutes } from './routes/facts-routes.ts';
import { matchRoutes } from './routes/match-routes.ts';
import { organiserRoutes } from './routes/organiser-routes.ts';
import { tournamentRoutes } from './routes/tournament-routes.ts';
import { Scoring } from './scoring.ts';
import { type SeededCourt, seedDemo } from './seed.ts';
import { mayScore, Sessions } from './sessions.ts';
import { openStore } from './store/store.ts';
import { scoreboardViews } from './views.ts';

export interface ScoreboardOptions {
  /** The engine's own database: rows and events commit together. */
  readonly database: SqlDatabase;
  /** Who a login says that the caller is. */
  readonly accounts: {
    authenticate(req: IncomingMessage): Identity | undefined | Promise<Identity | undefined>;
  };
  /** For internal callers (`score-update`). @default nobody has it */
  readonly apiKey?: string;
  /** Other sites whose pages may act with our cookie, as exact origins. @default none */
  readonly allowedOrigins?: readonly string[];
  /** The origins that this server is reached by; our cookie counts under no other name. @default whatever it is reached by */
  readonly publicOrigins?: readonly string[];
  /** What GET /health says beside its status, where other systems share the server. @default nothing */
  readonly health?: () => object;
  /** Connections per resource. @default 1000 */
  readonly maxWatchers?: number;
  /** Wrong PINs that one address may try. @default 20 at once, one more every 6 s */
  readonly wrongPins?: WrongPinLimit;
  /** Wall clock, milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Monotonic milliseconds. @default performance.now */
  readonly monotonic?: () => number;
}

export interface Scoreboard {
  /** For `createFanfare({ channels: { ...scoreboard.channels } })`. */
  readonly channels: ScoreboardChannels;
  /** The HTTP and SSE paths, on the server that carries the channels. Call once. */
  mount(live: ScoreboardLive): Router;
  /** Makes every board show something. Call after `mount` (and `seed`), before listening. */
  start(): Promise<void>;
  /** Two courts with matches, in an empty database only; returns what it made. Call after `mount`. */
  seed(): Promise<readonly SeededCourt[]>;
}

/** `engine -> accounts -> createScoreboard -> createFanfare({ channels }) -> mount(live) -> seed() -> start()`. */
export function createScoreboard(options: ScoreboardOptions): Scoreboard {
  const { database, accounts, now = Date.now, monotonic = () => performance.now() } = options;
  const store = openStore(database);
  const gate = new PinGate({
    courts: store.courts,
    now: monotonic,
    wrongPins: options.wrongPins ?? DEFAULT_WRONG_PINS,
    onLimit: (address) => mounted?.limitReached('wrongPins', { address }),
    onDenied: (facts) => mounted?.audit.denied({ ...facts, action: 'court-pin' }),
  });
  let mounted: ScoreboardLive | undefined;
  const live = (): ScoreboardLive => {
    if (mounted === undefined) throw new TypeError('Call scoreboard.mount(live) before seed() and start().');
    return mounted;
  };

  return {
    channels: scoreboardChannels(
      { board: 'public', match: 'public', tournament: 'public', court: courtAccess(gate) },
      options.maxWatchers,
    ),
    mount(server) {
      mounted = server;
      const sessions = new Sessions({
        authenticate: (req) => accounts.authenticate(req),
        apiKey: options.apiKey,
        devices: store.devices,
        keepDevice: (device) => server.transaction(() => store.devices.insert(device, null)),
        now,
        origins: new OriginPolicy(options.allowedOrigins, { publicOrigins: options.publicOrigins }),
      });
      const common = { live: server, store, now };
      const scoring = new Scoring(common);
      const courts = new Courts({ ...common, onPinRetired: (pin) => gate.retire(pin) });
      const parts = { ...common, monotonic, gate, sessions, scoring, courts, views: scoreboardViews(now) };
      return routes({ ...parts, health: options.health ?? (() => ({})) });
    },
    start: () => openBoards({ live: live(), store, now }),
    seed: () => seedDemo({ live: live(), store, now }),
  };
}

function routes(parts: ScoreboardParts): Router {
  return new Router()
    .use(boardRoutes(parts))
    .use(courtRoutes(parts))
    .use(matchRoutes(parts))
    .use(tournamentRoutes(parts))
    .use(organiserRoutes(parts))
    .use(factsRoutes(parts));
}

/** Watching a court on /live/* takes the PIN, under the same limit as on the court's own paths. Nobody publishes there. */
function courtAccess(gate: PinGate): Check {
  return async ({ params, address, identity }) => {
    try {
      await gate.open({ pin: params['pin'] ?? '', address, trusted: () => mayScore(identity) });
      return { allow: true };
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      return { allow: false, status: error.status === 429 ? 429 : 404, code: error.code, message: error.message };
    }
  };
}
