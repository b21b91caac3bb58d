/** A Socket.IO socket as a wire of the hub: events of hub channels become Socket.IO packets, with where the client then stands. */
import type { CloseFrame, Encoding, SendOutcome, Transport } from 'fanfare';
import type { Socket } from 'socket.io';
import { encodeOffset } from './offset.ts';

/** An event of a hub channel, as a server shows it to its sockets. */
export interface ShownEvent {
  readonly event: string;
  /** Of the one argument. */
  readonly dataJson: string;
}

/** An event of a hub channel, as `show` is given it. */
export interface ChannelEvent {
  readonly channel: string;
  readonly event: string;
  readonly dataJson: string;
  /** undefined: a signal. */
  readonly position: string | undefined;
}

/** How an event of a channel is shown to Socket.IO clients; undefined: not at all. */
export type ShowEvent = (event: ChannelEvent) => ShownEvent | undefined;

/** What a socket is told before the hub ends it; undefined: nothing, it sees the end. */
export type ShowEnd = (end: CloseFrame) => ShownEvent | undefined;

/** Neither stands in JSON text, nor in a cursor. */
const CURSOR = '\u001f';
const END = '\u001e';
const NOTHING: Uint8Array = new Uint8Array(0);
/** Connections that a packet is being written to which the hub counts. */
const writing = new WeakSet<Socket['conn']>();
/** Of the table of close codes [PROTOCOL §8]. */
const SLOW_CONSUMER = 3002;
const GOING_AWAY = 1001;
const POLICY = 1008;
const EVENT_PACKET = '2';
/** As the hub's own bound. Engine.IO has none: what a peer does not take waits in memory until its ping times out. */
const MAX_PAST_BYTES = 1024 * 1024;

/** One for all sockets of a namespace: an event is serialised once. */
export function socketEncoding(
  namespace: string,
  { show, showEnd }: { readonly show: ShowEvent; readonly showEnd: ShowEnd },
): Encoding {
  const prefix = namespace === '/' ? EVENT_PACKET : `${EVENT_PACKET}${namespace},`;
  return {
    name: 'socket.io',
    event: ({ channel, event, dataJson, epoch, offset }) => {
      const position = offset === 0 ? undefined : `${epoch}.${offset.toString(36)}`;
      const shown = show({ channel, event, dataJson, position });
      if (shown === undefined) return NOTHING;
      const end = position === undefined ? END : '';
      return Buffer.from(`${prefix}[${JSON.stringify(shown.event)},${shown.dataJson}${end}`);
    },
    trailer: (cursor) => Buffer.from(`${CURSOR}${cursor}${END}`),
    control: (frame) => {
      const shown = frame.type === 'close' ? showEnd(frame) : undefined;
      if (shown === undefined) return NOTHING;
      return Buffer.from(`${prefix}[${JSON.stringify(shown.event)},${shown.dataJson}${END}`);
    },
  };
}

export interface SocketWireOptions {
  readonly socket: Socket;
  /** Where the socket stands in the log of the namespace; undefined: offsets are not told. */
  readonly logPosition: () => string | undefined;
  /** What the client presented when it came. */
  readonly cursor: string;
  readonly drained: () => void;
  /** More than one connection may be behind was written past the hub. */
  readonly overflowed: () => void;
}

export class SocketWire implements Transport {
  readonly #options: SocketWireOptions;
  #buffered = 0;
  /** Written past the hub, by acknowledgements, broadcasts or the application, since the peer was last up to date. */
  #past = 0;
  #closed = false;
  /** Of what was handed to the socket. */
  cursor: string;

  constructor(options: SocketWireOptions) {
    this.#options = options;
    this.cursor = options.cursor;
    options.socket.conn.on('drain', this.#onDrain);
    options.socket.conn.on('packetCreate', this.#onPacket);
  }

  get bufferedBytes(): number {
    return this.#buffered;
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    const { socket } = this.#options;
    if (this.#closed || socket.conn.readyState !== 'open') return 'closed';
    const bytes = Buffer.concat(chunks);
    for (const packet of bytes.toString().split(END)) if (packet !== '') this.#write(packet);
    if (waiting(socket) === 0) return 'written';
    this.#buffered += bytes.length;
    return 'buffered';
  }

  /** A client comes back by itself from a wire that ended, and not from being told to leave. */
  close({ code, reconnect }: CloseFrame): void {
    if (this.#closed) return;
    const { socket } = this.#options;
    this.release();
    // What it was told last goes out first, but not past what a slow reader does not take.
    if (reconnect) socket.conn.close(code === SLOW_CONSUMER);
    else socket.disconnect(true);
  }

  /** The wire has no codes for it: what `closeCodeOf` makes of the end that follows. */
  codeOf({ reconnect }: CloseFrame): number {
    return reconnect ? GOING_AWAY : POLICY;
  }

  /** Lets go of the socket. */
  release(): void {
    this.#closed = true;
    const { conn } = this.#options.socket;
    conn.off('drain', this.#onDrain);
    conn.off('packetCreate', this.#onPacket);
  }

  /** A signal's packet has the trailer of formats for many channels all the same: it is dropped, nothing stands there. */
  #write(packet: string): void {
    const at = packet.indexOf(CURSOR);
    if (at === 0) return;
    if (at > 0) this.cursor = packet.slice(at + 1);
    const position = at > 0 ? this.#options.logPosition() : undefined;
    const offset = position === undefined ? '' : `,${JSON.stringify(encodeOffset({ position, cursor: this.cursor }))}`;
    const text = `${at > 0 ? packet.slice(0, at) : packet}${offset}]`;
    const { conn } = this.#options.socket;
    writing.add(conn);
    conn.write(text);
    writing.delete(conn);
  }

  /** Told of a packet before it joins those that wait. */
  readonly #onPacket = (packet: { readonly data?: unknown }): void => {
    const { socket, overflowed } = this.#options;
    if (writing.has(socket.conn)) return;
    const before = waiting(socket) === 0 ? 0 : this.#past;
    this.#past = before + sizeOf(packet);
    // Not amid what writes it.
    if (before <= MAX_PAST_BYTES && this.#past > MAX_PAST_BYTES) process.nextTick(overflowed);
  };

  readonly #onDrain = (): void => {
    if (this.#buffered === 0 || waiting(this.#options.socket) > 0) return;
    this.#buffered = 0;
    this.#options.drained();
  };
}

/** In UTF-16 units where it is text: near enough. */
function sizeOf({ data }: { readonly data?: unknown }): number {
  if (typeof data === 'string') return data.length;
  return ArrayBuffer.isView(data) ? data.byteLength : 0;
}

/** Packets that the transport has not taken: it is between two polls, or its peer reads slowly. */
function waiting({ conn }: Socket): number {
  const buffer: unknown = Reflect.get(conn, 'writeBuffer');
  return Array.isArray(buffer) ? buffer.length : 0;
}
