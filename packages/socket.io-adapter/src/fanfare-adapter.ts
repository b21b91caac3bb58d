/**
 * A Socket.IO v4 adapter over a Fanfare hub. What servers tell each other goes through one log per namespace and is delivered in
 * its order everywhere, also where it was published; where a client stands in it is what connection state recovery needs.
 */
import type { AnyFanfare, Identity } from 'fanfare';
import type { Namespace, Socket } from 'socket.io';
import {
  type BroadcastOptions,
  ClusterAdapterWithHeartbeat,
  type ClusterMessage,
  type ClusterResponse,
  type Session,
} from 'socket.io-adapter';
import { channelsOf, type NamespaceChannels } from './channels.ts';
import { HubSockets } from './hub-sockets.ts';
import { LocalDelivery } from './local-delivery.ts';
import {
  awaitsAnswers,
  type Broadcast,
  channelEventOf,
  isBroadcast,
  isKept,
  isVolatile,
  optionsOf,
  type Packet,
  packetOf,
  unwrap,
  wrap,
} from './messages.ts';
import { Readmission } from './readmission.ts';
import { includes, Restorer } from './restorer.ts';
import { type Arriving, Returning } from './returning.ts';
import { type Heard, ServerLink } from './server-link.ts';
import { SessionKeeper } from './session-keeper.ts';
import { SessionStore } from './session-store.ts';
import { type ShowEnd, type ShowEvent, socketEncoding } from './socket-wire.ts';

/** Options of `createAdapter()`. */
export interface AdapterOptions {
  /** The hub, with `socketIoChannels()` among its channels. */
  readonly live: Pick<AnyFanfare, 'open' | 'api' | 'callerOf' | 'isInForce'>;
  /**
   * The hub channel that a room is: who joins the room follows the channel, and what is emitted to the room alone is
   * published on it. A room at which it throws is none, and `onError` is told. @default none is
   */
  readonly channelOf?: (room: string) => string | undefined;
  /** How an event of such a channel looks. @default its name, and its data as the one argument */
  readonly show?: ShowEvent;
  /** What a socket is told before the hub ends it: as an event, because Socket.IO has no reasons of the server's. @default nothing */
  readonly showEnd?: ShowEnd;
  /** Whose a socket is, for the operator's lists and for revocation. @default nobody's in particular */
  readonly identityOf?: (socket: Socket) => Identity | undefined;
  /** A connection ends at this age, and its client comes back. 0: no limit. @default 0 */
  readonly maxAgeMs?: number;
  /** Told what could not be published or brought. @default `process.emitWarning` */
  readonly onError?: (error: unknown) => void;
  /** Between two heartbeats of a server; one that is silent for two is taken for gone. @default 5000 */
  readonly heartbeatIntervalMs?: number;
}

/** The adapter of one namespace, made by `createAdapter()`. */
export class FanfareAdapter extends ClusterAdapterWithHeartbeat {
  readonly #options: Required<AdapterOptions>;
  readonly #channels: NamespaceChannels;
  readonly #link: ServerLink;
  readonly #hub: HubSockets;
  readonly #delivery: LocalDelivery;
  /** undefined, both: the server recovers no connection. */
  readonly #sessions: SessionKeeper | undefined;
  readonly #readmission: Readmission | undefined;
  readonly #returning = new Returning();

  constructor(nsp: Namespace, options: AdapterOptions) {
    const { heartbeatIntervalMs = 5000 } = options;
    super(nsp, { heartbeatInterval: heartbeatIntervalMs, heartbeatTimeout: 2 * heartbeatIntervalMs });
    const onError = options.onError ?? ((error: unknown) => process.emitWarning(String(error), 'SocketIoAdapter'));
    const channelOf = orTell(options.channelOf ?? (() => undefined), onError);
    const { live, show = (event) => event, showEnd = () => undefined, identityOf = () => undefined } = options;
    const maxAgeMs = options.maxAgeMs ?? 0;
    this.#options = { live, channelOf, show, showEnd, identityOf, maxAgeMs, heartbeatIntervalMs, onError };
    this.#channels = channelsOf(nsp.name);
    const maxAwayMs = recoveryOf(nsp);
    const logPosition = (id: string): string | undefined =>
      maxAwayMs === undefined ? undefined : this.#returning.standing(id, this.#link.position);
    this.#hub = new HubSockets({
      ...{ live, channelOf, identityOf, logPosition, maxAgeMs },
      encoding: socketEncoding(nsp.name, { show, showEnd }),
    });
    const heard = (message: Heard): void => this.#heard(message);
    this.#link = new ServerLink({ live, channels: this.#channels, heard, onError });
    this.#delivery = new LocalDelivery({
      ...{ adapter: this, hub: this.#hub, returning: this.#returning },
      position: () => (maxAwayMs === undefined ? undefined : this.#link.position),
    });
    // Before whoever listens already: they find the socket as it will be.
    nsp.prependListener('connection', this.#onConnection);
    if (maxAwayMs === undefined) return;
    const { uid: self } = this;
    const store = new SessionStore({ live, channels: this.#channels, owner: self, maxAwayMs, onError });
    const roomsOf = (id: string): Iterable<string> => this.#roomsOf(id);
    this.#sessions = new SessionKeeper({ nsp, store, hub: this.#hub, roomsOf });
    const { log } = this.#channels;
    const returning = this.#returning;
    const restorer = new Restorer({ nsp, live, log, channelOf, store, self, returning });
    this.#readmission = new Readmission({ nsp, live, restorer, store, returning, identityOf });
  }

  override async init(): Promise<void> {
    await this.#link.open();
    super.init();
  }

  override close(): void {
    super.close();
    this.#sessions?.close();
    this.nsp.off('connection', this.#onConnection);
    this.#link.close();
  }

  /** Resolves when the channels among the rooms are followed. */
  override addAll(id: string, rooms: Set<string>): Promise<void> {
    const socket = this.nsp.sockets.get(id);
    const back = this.#readmission?.isDue(socket) ? this.#readmission.decide(socket) : undefined;
    if (back !== undefined) return this.#movedIn(id, back);
    void super.addAll(id, rooms);
    this.#sessions?.changed(id);
    return this.#hub.join(id, rooms).then(() => this.#sessions?.changed(id));
  }

  override del(id: string, room: string): void {
    void super.del(id, room);
    this.#hub.leave(id, room);
    this.#sessions?.changed(id);
  }

  override delAll(id: string): void {
    super.delAll(id);
    this.#hub.close(id);
    this.#returning.forget(id);
    this.#sessions?.left(id);
  }

  /** The position from which a socket follows the channel of a room, where the application had it subscribe by itself. */
  joined(id: string, room: string, position: string | undefined): void {
    this.#hub.joined(id, room, position);
  }

  override async broadcast(packet: Packet, opts: BroadcastOptions): Promise<void> {
    if (opts.flags?.local === true || (isVolatile(opts) && this.#isForOneHere(opts))) {
      this.#delivery.deliver(packet, opts);
      return;
    }
    const { live, channelOf, onError } = this.#options;
    try {
      const toChannel = channelEventOf(packet, opts, channelOf);
      if (toChannel !== undefined) await live.api.publish(toChannel);
      // Delivered when it comes back through the log: in the same order as everywhere.
      else await this.publishAndReturnOffset({ type: BROADCAST, data: { packet, opts: plain(opts) } });
    } catch (error) {
      onError(error);
    }
  }

  override async doPublish(message: ClusterMessage): Promise<string> {
    const { log, bus } = this.#channels;
    const channel = isKept(message) ? log : bus;
    const { position = '' } = await this.#options.live.api.publish({ channel, event: 'cluster', data: wrap(message) });
    return position;
  }

  override async doPublishResponse(to: string, response: ClusterResponse): Promise<void> {
    const data = wrap(response, to);
    await this.#options.live.api.publish({ channel: this.#channels.bus, event: 'cluster', data });
  }

  override persistSession({ sid, pid, rooms, data }: Session): void {
    this.#sessions?.ended({ sid, pid, data }, new Set([...rooms, ...this.#roomsOf(sid)]));
  }

  override async restoreSession(pid: string, text: string): Promise<Session> {
    const session = await this.#readmission?.claim(pid, text);
    // Socket.IO's types have no word for none; its code takes a rejection for it.
    if (session === undefined) throw new Error('the session cannot be recovered');
    return session;
  }

  readonly #onConnection = (socket: Socket): void => {
    const coming = this.#returning.coming(socket.id);
    this.#hub.open(socket, this.sids.get(socket.id) ?? [], coming?.from);
    if (coming !== undefined) returns.set(socket, this.#bringBack(socket, coming));
    this.#sessions?.changed(socket.id);
  };

  /** It has its id again, and the rooms that are Socket.IO's own; those that are channels are asked for once it is connected. */
  #movedIn(id: string, { record: { sid, rooms } }: Arriving): Promise<void> {
    const { channelOf } = this.#options;
    const joined = [...(this.sids.get(id) ?? [])];
    super.delAll(id);
    const own = rooms.flatMap(([room]) => (channelOf(room) === undefined ? [room] : []));
    return this.addAll(sid, new Set([sid, ...joined.filter((room) => room !== id), ...own]));
  }

  /** Never rejects. */
  async #bringBack(socket: Socket, { record, from }: Arriving): Promise<void> {
    const { id } = socket;
    const channels = record.rooms.map(([room]) => room).filter((room) => this.#options.channelOf(room) !== undefined);
    const entered = channels.length === 0 ? [] : await this.#hub.rejoin(id, channels, from);
    if (this.nsp.sockets.get(id) !== socket) return;
    const packets = entered && this.#returning.arrived(id);
    if (packets === undefined) {
      // A rule cannot answer now, or more was published than is kept for one that waits: it comes again, and is still who it is.
      socket.conn.close(true);
      return;
    }
    void super.addAll(id, new Set(entered));
    const rooms = this.sids.get(id) ?? [];
    for (const { packet, opts, position } of packets) {
      if (includes(rooms, opts)) this.#delivery.bring(id, packet, { opts, position });
    }
    this.#sessions?.changed(id);
  }

  /** A socket of this server needs no way through the others. */
  #isForOneHere({ rooms }: BroadcastOptions): boolean {
    const [id] = rooms;
    return rooms.size === 1 && id !== undefined && this.nsp.sockets.has(id);
  }

  /** Also those that it waits for. */
  #roomsOf(id: string): Iterable<string> {
    const waiting = this.#returning.coming(id)?.record.rooms ?? [];
    return new Set([...(this.sids.get(id) ?? []), ...waiting.map(([room]) => room)]);
  }

  /** A message of any server, this one included. */
  #heard({ position, data }: Heard): void {
    const message = unwrap(data, this.uid);
    if (message === undefined) return;
    if (!isBroadcast(message) || awaitsAnswers(message)) {
      this.onMessage(message);
      return;
    }
    const packet = packetOf(message);
    const opts = optionsOf(message.data.opts);
    if (position !== undefined) this.#returning.hold({ packet, opts, position });
    this.#delivery.deliver(packet, opts, position);
  }
}

const BROADCAST: Broadcast['type'] = 3;

const returns = new WeakMap<Socket, Promise<void>>();

/** Resolves when a socket that came back is in all rooms again that it may be in; at once for any other. Never rejects. */
export async function returned(socket: Socket): Promise<void> {
  await returns.get(socket);
}

/** `io.adapter(createAdapter({ live }))`, or the option `adapter` of the server. */
export function createAdapter(options: AdapterOptions): (nsp: Namespace) => FanfareAdapter {
  return function adapter(nsp: Namespace) {
    return new FanfareAdapter(nsp, options);
  };
}

/** It is asked amid joins and broadcasts that nobody waits for: what it throws would end the process. */
function orTell(
  channelOf: Required<AdapterOptions>['channelOf'],
  onError: (error: unknown) => void,
): Required<AdapterOptions>['channelOf'] {
  return (room) => {
    try {
      return channelOf(room);
    } catch (error) {
      onError(error);
      return undefined;
    }
  };
}

/** How long a client may be away; undefined: the server does not recover any. */
function recoveryOf(nsp: Namespace): number | undefined {
  const recovery: unknown = Reflect.get(Reflect.get(nsp.server, 'opts'), 'connectionStateRecovery');
  if (typeof recovery !== 'object' || recovery === null) return undefined;
  const { maxDisconnectionDuration = 120_000 } = { maxDisconnectionDuration: 120_000, ...recovery };
  return maxDisconnectionDuration;
}

function plain({ rooms, except = new Set(), flags = {} }: BroadcastOptions): Broadcast['data']['opts'] {
  return { rooms: [...rooms], except: [...except], flags };
}
