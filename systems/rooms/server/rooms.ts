/** Puts the rooms together: their channels for `createFanfare`, their routes and upgrades for the server. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { type SocketIoChannels, socketIoChannels } from '@fanfare/socket.io-adapter';
import type { Check, Identity, Keep, OwnConnection, WebSocketPath } from 'fanfare';
import type { Router } from 'fanfare/http';
import { type RoomsChannels, roomsChannels } from './channels.ts';
import { type ClientReport, Clients, type RoomsCounts, type RoomsLogger } from './clients.ts';
import { Desk } from './desk.ts';
import type { RoomsLive } from './live.ts';
import { Pace, type Rate } from './pace.ts';
import { plainEndpoint } from './plain-endpoint.ts';
import { type RoomsHealth, type RoutesOptions, roomsRoutes } from './routes.ts';
import { type SocketIoEndpoint, socketIoEndpoint } from './socket-io.ts';
import { type BytesRate, StoreRate } from './store-rate.ts';

export interface RoomsOptions {
  /** Who asks for the list of clients. @default nobody may */
  readonly accounts?: {
    authenticate(req: IncomingMessage): Identity | undefined | Promise<Identity | undefined>;
  };
  /** Who may join a room, and follow it on the hub's own wires. @default public */
  readonly join?: Check;
  /** Who may send to a room that they are in; asked with the action `publish`. @default public */
  readonly send?: Check;
  /** May clients reach all others at once? @default true */
  readonly broadcast?: boolean;
  /** Between two pings, milliseconds, 3000 or more: whether a peer is there is looked at once a second. @default 30000 */
  readonly heartbeatMs?: number;
  /** Of one message; a larger one ends the connection with 1009. @default 64 KiB */
  readonly maxMessageBytes?: number;
  /** Rooms of one client. @default 100 */
  readonly maxRooms?: number;
  /** Messages of one client. @default 50 a second, 200 at once */
  readonly rate?: Rate;
  /** Of what one user has kept in rooms, or one address where nobody is signed in. @default 16 KiB a second, 4 MiB at once */
  readonly storeRate?: BytesRate;
  /** How long a room keeps its messages for those who come back. @default 1000 messages, one day */
  readonly keep?: Keep;
  /** Other sites whose pages may connect over Socket.IO, as exact origins; `/ws` has those of the hub. @default none */
  readonly allowedOrigins?: readonly string[];
  /** The origins that this server is reached by, for Socket.IO. @default whatever it is reached by */
  readonly publicOrigins?: readonly string[];
  /** How long a client of Socket.IO may be away and still be who it was, milliseconds. @default 120000 */
  readonly maxAwayMs?: number;
  /** Is GET /health ours to answer? @default true */
  readonly servesHealth?: boolean;
  /** Where connects and ends are written. @default nowhere */
  readonly logger?: RoomsLogger;
  /** Told every fault that a client saw as INTERNAL. @default the logger */
  readonly onError?: (error: unknown) => void;
  /** Wall clock, milliseconds. @default Date.now */
  readonly now?: () => number;
  /** Monotonic milliseconds. @default performance.now */
  readonly monotonic?: () => number;
}

export interface Rooms {
  /** For `createFanfare({ channels: { ...rooms.channels } })`. */
  readonly channels: RoomsChannels & SocketIoChannels;
  /** The HTTP paths, on the server that carries the channels. Call once. */
  mount(live: RoomsLive): Router;
  /** Takes an upgrade to `/ws` or `/socket.io/`; false, and nothing done, for any other path. Call `mount` first. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** Clients now, over either protocol. */
  getConnectedCount(): number;
  getClientsInfo(): readonly ClientReport[];
  /** Since the start. */
  counts(): RoomsCounts;
  health(): RoomsHealth;
  /** Lets go of the clients of Socket.IO; those of `/ws` end with the hub. */
  close(): Promise<void>;
}

const MAX_MESSAGE_BYTES = 64 * 1024;
const MIN_HEARTBEAT_MS = 3000;
const STORE_RATE: BytesRate = { perSecond: 16 * 1024, burst: 4 * 1024 * 1024 };
const PATH = '/ws';
const SOCKET_IO_PATH = '/socket.io/';

/** `createRooms -> createFanfare({ channels }) -> mount(live) -> server.on('upgrade', rooms.upgrade)`. */
export function createRooms(options: RoomsOptions = {}): Rooms {
  const { join = 'public', send = 'public', logger, now = Date.now, monotonic = () => performance.now() } = options;
  const { heartbeatMs = 30_000 } = options;
  // One that has a second less to answer is taken for dead on a busy day.
  if (!(heartbeatMs >= MIN_HEARTBEAT_MS)) {
    throw new TypeError(`createRooms(): heartbeatMs: expected ${MIN_HEARTBEAT_MS} or more, got ${heartbeatMs}.`);
  }
  const clients = new Clients({ logger, now });
  const onError = options.onError ?? ((error: unknown) => logger?.error({ err: error }, 'rooms failed'));
  const health = (): RoomsHealth => ({
    status: 'ok',
    websocket: { clients: clients.size, rooms: clients.rooms().length },
  });
  let mounted: Mounted | undefined;

  return {
    channels: {
      ...socketIoChannels(),
      ...roomsChannels({ join, keep: options.keep ?? { count: 1000, days: 1 }, now }),
    },
    mount(live) {
      const { broadcast: mayBroadcast = true, maxRooms = 100, rate = { perSecond: 50, burst: 200 } } = options;
      const full = reached(live, 'roomsPerClient');
      const storeRate = new StoreRate({
        rate: options.storeRate ?? STORE_RATE,
        monotonic,
        refused: reached(live, 'roomBytes'),
      });
      const desk = new Desk({ live, send, mayBroadcast, maxRooms, now, full, storeRate });
      const endpoint = {
        ...{
          live,
          desk,
          clients,
          now,
          onError,
          pace: new Pace({ rate, monotonic, refused: reached(live, 'roomMessages') }),
        },
        newClientId: () => `${now()}-${randomBytes(6).toString('hex')}`,
        heartbeatMs,
        maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      };
      const authenticate = (req: IncomingMessage): ReturnType<RoutesOptions['authenticate']> =>
        options.accounts?.authenticate(req);
      const { allowedOrigins = [], publicOrigins = [], maxAwayMs = 120_000 } = options;
      const socketIo = socketIoEndpoint({ ...endpoint, allowedOrigins, publicOrigins, maxAwayMs });
      mounted = { plain: plainEndpoint(endpoint), socketIo };
      return roomsRoutes({ clients, health, servesHealth: options.servesHealth !== false, authenticate })
        .get(SOCKET_IO_PATH, (exchange) => socketIo.handle(exchange))
        .post(SOCKET_IO_PATH, (exchange) => socketIo.handle(exchange));
    },
    upgrade(req, socket, head) {
      const [path = ''] = (req.url ?? '').split('?', 1);
      if (mounted === undefined || req.headers.upgrade?.toLowerCase() !== 'websocket') return false;
      if (path === PATH) mounted.plain(req, socket, head);
      else if (path === SOCKET_IO_PATH) mounted.socketIo.upgrade(req, socket, head);
      else return false;
      return true;
    },
    getConnectedCount: () => clients.size,
    getClientsInfo: () => clients.reports(),
    counts: () => clients.counts(),
    health,
    close: async () => mounted?.socketIo.close(),
  };
}

/** Counts a limit that a client has met, where the hub counts its own. */
function reached(live: RoomsLive, limit: string): (connection: OwnConnection) => void {
  return ({ address, identity }) =>
    live.limitReached(limit, { address, ...(identity === undefined ? {} : { identity: identity.subject }) });
}

interface Mounted {
  readonly plain: WebSocketPath;
  readonly socketIo: SocketIoEndpoint;
}
