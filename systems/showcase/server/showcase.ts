/** Every system on one server: the composition, without the process around it. */
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createAccounts, type DemoUser } from '@fanfare-systems/accounts';
import { createInbox } from '@fanfare-systems/inbox';
import { createRooms, type RoomsConfig } from '@fanfare-systems/rooms';
import { createScoreboard, type SeededCourt } from '@fanfare-systems/scoreboard';
import { createFanfare, type Identity, type LimitFacts, publicChannels, type SqliteEngine, sqlite } from 'fanfare';
import {
  ensureDataFolder,
  type KeptKey,
  keepApiKey,
  type Logger,
  logHubEvents,
  type Router,
  type ServedHub,
  type ServerConfig,
  StartError,
  type UpgradeHandler,
} from 'fanfare/http';
import { AUDIT_RIGHTS, auditRoutes } from './audit-routes.ts';
import { serverChannels } from './channels.ts';
import { componentChannels, visitorLimit } from './component-channels.ts';
import { componentRoutes } from './component-routes.ts';
import { type FirstStart, firstStart } from './first-start.ts';
import { pageRoutes } from './pages.ts';
import { partOf } from './part-of.ts';
import { GREETING_RIGHTS, startPageRoutes } from './start-page-routes.ts';
import { beatEverySecond } from './status.ts';

export interface Showcase {
  readonly live: ServedHub;
  readonly routes: readonly Router[];
  /** WebSockets that are not the hub's. */
  readonly upgrades: readonly UpgradeHandler[];
  /** Whether this is the first start on this data that comes as far as a welcome. */
  readonly first: FirstStart;
  /** The demo users that exist; their password is no secret. */
  readonly demoUsers: readonly DemoUser[];
  /** Made at this start; none on later ones. */
  readonly newCourts: readonly SeededCourt[];
  /** undefined: the key was given by the configuration. */
  readonly keptKey: KeptKey | undefined;
}

export interface ShowcaseOptions {
  readonly config: ServerConfig;
  /** What the operator says of the rooms. @default their defaults */
  readonly roomsOptions?: RoomsConfig['options'];
  readonly logger: Logger;
}

/** dist/server of this package -> the folder that holds all systems. */
const SYSTEMS = join(fileURLToPath(import.meta.url), '..', '..', '..', '..');

const PAGES = {
  showcase: ['/', '/components', '/audit'],
  scoreboard: ['/scoreboard', '/court/{pin}', '/court/{pin}/display', '/court/{pin}/umpire'],
  inbox: ['/inbox', '/inbox/staff'],
  rooms: ['/rooms'],
};

/**
 * Opens the engine, seeds what is empty, and wires the systems. Rejects with a StartError on a folder or an engine that cannot
 * be used.
 */
export async function composeShowcase({ config, roomsOptions, logger }: ShowcaseOptions): Promise<Showcase> {
  ensureDataFolder(config.data);
  const keptKey = config.apiKey === '' ? keepApiKey(config.data) : undefined;
  const apiKey = keptKey?.key ?? config.apiKey;
  const { allowedOrigins, publicOrigins, trustProxy: trustedHops } = config;
  const { heartbeatMs, transports, limits, openMetrics } = config;
  const origins = { allowedOrigins, publicOrigins };
  const onError = (error: unknown): void => logger.error({ err: error }, 'fault');

  const engine = openEngine(config);
  const { database } = engine;
  const onLimit = (name: string, about: LimitFacts): void => live.limitReached(name, about);
  const onLogout = (session: { readonly tokenId: string }): void => void live.disconnect(session);
  const isInForce = (session: Identity): boolean => live.isInForce(session);
  const accounts = createAccounts({ database, ...origins, onLimit, onLogout, isInForce });
  // Two systems have GET /health in their contracts: the scoreboard answers it, with what the rooms say of themselves.
  const rooms = createRooms({ ...roomsOptions, ...origins, accounts, logger, onError, servesHealth: false });
  const health = (): object => rooms.health();
  const scoreboard = createScoreboard({ database, accounts, apiKey, ...origins, health });
  // For clients of the inbox that cannot be changed yet; it warns.
  const jwtInUrl = process.env['INBOX_JWT_IN_URL'] === '1';
  const inbox = createInbox({ database, accounts, apiKey, onError, jwtInUrl });
  const limit = visitorLimit(() => performance.now());
  const live = createFanfare({
    engine,
    channels: {
      ...publicChannels(),
      ...serverChannels(),
      ...componentChannels(limit),
      ...scoreboard.channels,
      ...inbox.channels,
      ...rooms.channels,
    },
    authenticate: (req) => accounts.identify(req),
    apiKey,
    ...{ ...origins, trustedHops, heartbeatMs, transports, limits, openMetrics, onError },
  });
  const scoreboardRoutes = scoreboard.mount(partOf(live, scoreboard.channels));
  const inboxRoutes = inbox.mount(partOf(live, inbox.channels));
  const roomsRoutes = rooms.mount(partOf(live, rooms.channels));
  logHubEvents(live, logger);

  await accounts.seedDemo();
  const newCourts = await scoreboard.seed();
  await scoreboard.start();
  await inbox.seed();
  await inbox.start();
  beatEverySecond({ live, publish: (status) => live.channel('server:status').set(status), onError });

  const startPage = startPageRoutes({
    accounts,
    rights: GREETING_RIGHTS,
    greet: (greeting) => live.channel('public:hello').publish('greeting', greeting),
  });
  const components = componentRoutes({ limit, turn: (dial) => live.channel('components:dial').set(dial) });
  const audit = auditRoutes({
    authenticate: (req) => accounts.authenticate(req),
    rights: AUDIT_RIGHTS,
    audit: live.audit,
  });
  const pages = pageRoutes({ systems: SYSTEMS, pages: PAGES });
  return {
    live,
    routes: [accounts.routes, scoreboardRoutes, inboxRoutes, roomsRoutes, startPage, components, audit, pages],
    upgrades: [rooms.upgrade],
    first: firstStart(database),
    demoUsers: accounts.demoUsers(),
    newCourts,
    keptKey,
  };
}

/** The systems keep rows, so "memory" is a database too: one that ends with the process. */
function openEngine({ data, engine }: ServerConfig): SqliteEngine {
  if (engine === 'memory') return sqlite(':memory:');
  if (engine === 'sqlite') return sqlite(join(data, 'fanfare.db'));
  throw new StartError(
    'The systems commit their rows and their events together: their engine is sqlite or memory. fanfare serve takes a Redis too.',
  );
}
