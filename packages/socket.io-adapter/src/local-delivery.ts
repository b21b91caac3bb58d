/** Brings a packet to the sockets of this server, and tells each where it then stands. */
import { Adapter, type BroadcastOptions } from 'socket.io-adapter';
import type { HubSockets } from './hub-sockets.ts';
import { isRecoverable, type Packet } from './messages.ts';
import { encodeOffset, type Offset } from './offset.ts';
import type { Returning } from './returning.ts';

export interface LocalDeliveryOptions {
  readonly adapter: Adapter;
  readonly hub: HubSockets;
  readonly returning: Returning;
  /** Up to where the log was heard; undefined: the server recovers no connection, and nobody is told where it stands. */
  readonly position: () => string | undefined;
}

export class LocalDelivery {
  readonly #options: LocalDeliveryOptions;

  constructor(options: LocalDeliveryOptions) {
    this.#options = options;
  }

  /**
   * To every socket here that it is for, in one encoding for all that stand at the same place. `position`: in the log; undefined: it is
   * from nowhere that could be asked again.
   */
  deliver(packet: Packet, opts: BroadcastOptions, position?: string): void {
    const groups = new Map<string | undefined, Set<string>>();
    for (const id of this.#idsOf(opts)) {
      if (position !== undefined && this.#options.returning.has(id, position)) continue;
      const offset = this.#offsetOf(id, packet, { flags: opts.flags, position });
      const ids = groups.get(offset);
      if (ids === undefined) groups.set(offset, new Set([id]));
      else ids.add(id);
    }
    for (const [offset, ids] of groups) this.#write(packet, opts, { ids, offset });
  }

  /** To one socket that was away, at the place in the log that the packet has. */
  bring(
    id: string,
    packet: Packet,
    { opts, position }: { readonly opts: BroadcastOptions; readonly position: string },
  ): void {
    const at: Offset = { position, cursor: this.#options.hub.cursorOf(id) };
    this.#write(packet, opts, { ids: new Set([id]), offset: encodeOffset(at) });
  }

  /** undefined: it is not told. What comes past the log leaves a client where its server stands. */
  #offsetOf(
    id: string,
    packet: Packet,
    { flags, position }: { readonly flags: BroadcastOptions['flags']; readonly position: string | undefined },
  ): string | undefined {
    const { hub, returning, position: heard } = this.#options;
    const upTo = heard();
    if (upTo === undefined || upTo === '' || !isRecoverable(packet, flags)) return undefined;
    return encodeOffset({ position: position ?? returning.standing(id, upTo), cursor: hub.cursorOf(id) });
  }

  #write(
    packet: Packet,
    opts: BroadcastOptions,
    to: { readonly ids: Set<string>; readonly offset: string | undefined },
  ): void {
    const data = to.offset === undefined ? packet.data : [...packet.data, to.offset];
    const exact = { ...opts, rooms: to.ids, except: new Set<string>() };
    Adapter.prototype.broadcast.call(this.#options.adapter, { ...packet, data }, exact);
  }

  /** The sockets here that a packet is for. */
  #idsOf({ rooms, except = new Set<string>() }: BroadcastOptions): ReadonlySet<string> {
    const { adapter } = this.#options;
    const out = new Set([...except].flatMap((room) => [...(adapter.rooms.get(room) ?? [])]));
    const named: readonly Iterable<string>[] =
      rooms.size === 0 ? [adapter.sids.keys()] : Array.from(rooms, (room) => adapter.rooms.get(room) ?? []);
    return new Set(named.flatMap((ids) => [...ids]).filter((id) => !out.has(id)));
  }
}
