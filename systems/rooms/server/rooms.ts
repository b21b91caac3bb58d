/** Puts the rooms together: their channels for `createFanfare`, their routes and upgrades for the server. */
import { randomBytes } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Check, Identity, Keep } from 'fanfare';
import type { Router } from 'fanfare/http';
import { type RoomsChannels, roomsChannels } from './channels.ts';
import { type ClientReport, Clients, type RoomsCounts, type RoomsLogger } from './clients.ts';
import { Desk } from './desk.ts';
import type { RoomsLive } from './live.ts';
import { Pace, type Rate } from './pace.ts';
import { plainEndpoint } from './plain-endpoint.ts';
import { type RoomsHealth, roomsRoutes } from './routes.ts';

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
  /** Between two pings of a plain WebSocket. @default 30000 */
  readonly heartbeatMs?: number;
  /** Of one message; a larger one ends the connection with 1009. @default 64 KiB */
  readonly maxMessageBytes?: number;
  /** Rooms of one client. @default 100 */
  readonly maxRooms?: number;
  /** Messages of one client. @default 50 a second, 200 at once */
  readonly rate?: Rate;
  /** How long a room keeps its messages for those who come back. @default 1000 messages, one day */
  readonly keep?: Keep;
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
  readonly channels: RoomsChannels;
  /** The HTTP paths, on the server that carries the channels. Call once. */
  mount(live: RoomsLive): Router;
  /** Takes an upgrade to `/ws`; false, and nothing done, for any other path. Call `mount` first. */
  readonly upgrade: (req: IncomingMessage, socket: Duplex, head: Buffer) => boolean;
  /** Clients now, over either protocol. */
  getConnectedCount(): number;
  getClientsInfo(): readonly ClientReport[];
  /** Since the start. */
  counts(): RoomsCounts;
  health(): RoomsHealth;
}

const MAX_MESSAGE_BYTES = 64 * 1024;
const PATH = '/ws';

/** `createRooms -> createFanfare({ channels }) -> mount(live) -> server.on('upgrade', rooms.upgrade)`. */
export function createRooms(options: RoomsOptions = {}): Rooms {
  const { join = 'public', send = 'public', logger, now = Date.now, monotonic = () => performance.now() } = options;
  const clients = new Clients({ logger, now });
  const onError = options.onError ?? ((error: unknown) => logger?.error({ err: error }, 'rooms failed'));
  const health = (): RoomsHealth => ({
    status: 'ok',
    websocket: { clients: clients.size, rooms: clients.rooms().length },
  });
  let plain: ReturnType<typeof plainEndpoint> | undefined;

  return {
    channels: roomsChannels({ access: { subscribe: join }, keep: options.keep ?? { count: 1000, days: 1 }, now }),
    mount(live) {
      const { broadcast: mayBroadcast = true, maxRooms = 100, rate = { perSecond: 50, burst: 200 } } = options;
      const desk = new Desk({ live, send, mayBroadcast, maxRooms, now });
      plain = plainEndpoint({
        ...{ live, desk, clients, now, onError, pace: new Pace(rate, monotonic) },
        newClientId: () => `${now()}-${randomBytes(6).toString('hex')}`,
        heartbeatMs: options.heartbeatMs ?? 30_000,
        maxMessageBytes: options.maxMessageBytes ?? MAX_MESSAGE_BYTES,
      });
      return roomsRoutes({
        ...{ clients, health, servesHealth: options.servesHealth !== false },
        authenticate: (req) => options.accounts?.authenticate(req),
      });
    },
    upgrade(req, socket, head) {
      const [path] = (req.url ?? '').split('?', 1);
      if (plain === undefined || path !== PATH || req.headers.upgrade?.toLowerCase() !== 'websocket') return false;
      plain(req, socket, head);
      return true;
    },
    getConnectedCount: () => clients.size,
    getClientsInfo: () => clients.reports(),
    counts: () => clients.counts(),
    health,
  };
}
