/** Puts the inbox together: its channels for `createFanfare`, its routes for the server, its demo notifications. */
import type { Accounts } from '@fanfare-systems/accounts';
import type { SqlDatabase } from 'fanfare';
import { Router } from 'fanfare/http';
import { Callers, type CallersOptions } from './callers.ts';
import { type InboxChannels, inboxChannels } from './channels.ts';
import { Counters } from './counters.ts';
import { Deliveries } from './deliveries.ts';
import type { InboxLive } from './live.ts';
import type { InboxParts } from './parts.ts';
import { Presence } from './presence.ts';
import { Reading } from './reading.ts';
import { Retention } from './retention.ts';
import { listRoutes } from './routes/list-routes.ts';
import { preferenceRoutes } from './routes/preference-routes.ts';
import { staffRoutes } from './routes/staff-routes.ts';
import { streamRoutes } from './routes/stream-routes.ts';
import { seedDemo } from './seed.ts';
import { Sending } from './sending.ts';
import { openStore } from './store/store.ts';
import { TOKEN_IN_URL_WARNING, withTokenInUrl } from './token-in-url.ts';
import { STREAM_LABEL } from './views.ts';

export interface InboxOptions {
  /** The engine's own database: rows and events commit together. */
  readonly database: SqlDatabase;
  /** Who there is. Who asks is what the server's `authenticate` says: the `subject` is the user's id. */
  readonly accounts: Pick<Accounts, 'findUser' | 'listUsers'>;
  /**
   * Lets a stream's JWT stand in its URL, as `?token=`, for clients that cannot be changed yet. Warns at the start; ours are not the
   * only logs that a URL ends in. @default false
   */
  readonly jwtInUrl?: boolean;
  /** For other services that send. @default nobody has it */
  readonly apiKey?: string;
  /** How long a notification is kept. @default 90 */
  readonly keepDays?: number;
  /** How many of one user are kept; the oldest go first. @default 10_000 */
  readonly keepPerUser?: number;
  /** Told what failed beside a request: statistics, retention. @default process.emitWarning */
  readonly onError?: (error: unknown) => void;
  /** Wall clock, milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Monotonic milliseconds. @default performance.now */
  readonly monotonic?: () => number;
}

export interface Inbox {
  /** For `createFanfare({ channels: { ...inbox.channels } })`. */
  readonly channels: InboxChannels;
  /** The HTTP and SSE paths, on the server that carries the channels. Call once. */
  mount(live: InboxLive): Router;
  /** Removes what is kept no longer, now and once an hour. Call after `mount`. */
  start(): Promise<void>;
  /** A first few notifications for the demo users, where nobody has any. Call after `mount`. */
  seed(): Promise<number>;
  /** Writes what waits and ends every timer. Call before `live.close()`. */
  stop(): Promise<void>;
}

/** `engine -> accounts -> createInbox -> createFanfare({ channels }) -> mount(live) -> seed() -> start()`. */
export function createInbox(options: InboxOptions): Inbox {
  const { database, keepDays = 90 } = options;
  const store = openStore(database);
  let running: Running | undefined;
  const mounted = (): Running => {
    if (running === undefined) throw new TypeError('Call inbox.mount(live) before seed(), start() and stop().');
    return running;
  };
  return {
    channels: inboxChannels(keepDays),
    mount(live) {
      running = run(options, { live, store, keepDays });
      return running.routes;
    },
    start: () => mounted().retention.start(),
    seed: () => seedDemo(mounted().parts),
    stop: () => mounted().stop(),
  };
}

interface Running {
  readonly routes: Router;
  readonly parts: InboxParts;
  readonly retention: Retention;
  stop(): Promise<void>;
}

function run(
  options: InboxOptions,
  { live, store, keepDays }: Pick<InboxParts, 'live' | 'store'> & { readonly keepDays: number },
): Running {
  const { accounts, apiKey, keepPerUser = 10_000, now = Date.now, monotonic = () => performance.now() } = options;
  const { onError = warn, jwtInUrl = false } = options;
  const presence = new Presence(monotonic);
  const counters = new Counters({ live, store, presence, now, onError });
  const deliveries = new Deliveries({ live, store, presence, onError, onChange: () => counters.changed() });
  const retention = new Retention({ live, store, keepDays, keepPerUser, now, onError });
  const identify: CallersOptions['identify'] = (req) => live.identify(req);
  if (jwtInUrl) process.emitWarning(TOKEN_IN_URL_WARNING, { code: 'JWT_IN_URL' });
  const callers = new Callers({ identify, identifyStream: jwtInUrl ? withTokenInUrl(identify) : identify, apiKey });
  const sending = new Sending({ live, store, accounts, deliveries, now });
  const reading = new Reading({ live, store, now, onChange: () => counters.changed() });
  const parts = { live, store, accounts, callers, deliveries, sending, reading, now };
  const unobserve = live.observe((event) => {
    const arrival = presence.hear(event);
    if (arrival !== undefined) deliveries.arrived(arrival);
    counters.hear(event);
    // Streams of the contract are no client of ours, who would be told: they come back, and get what is allowed then.
    if (event.kind === 'transports-switched')
      live.disconnect(({ label }) => label === STREAM_LABEL, 'transportSwitched');
  });
  return {
    routes: routes(parts),
    parts,
    retention,
    stop: async () => {
      unobserve();
      counters.stop();
      retention.stop();
      await deliveries.stop();
    },
  };
}

function routes(parts: InboxParts): Router {
  return new Router()
    .use(listRoutes(parts))
    .use(streamRoutes(parts))
    .use(preferenceRoutes(parts))
    .use(staffRoutes(parts));
}

function warn(error: unknown): void {
  process.emitWarning(error instanceof Error ? error : String(error));
}
