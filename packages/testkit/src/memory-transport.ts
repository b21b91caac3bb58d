/** A wire in memory: frames arrive as JSON lines, and the test decides when the peer keeps up. */
import { type CloseFrame, type ControlFrame, encodeEventJson, encodeFrame, type ServerFrame } from '@fanfare/protocol';
import type { ControlFacts, Encoding, SendOutcome, StoredEvent, Transport } from 'fanfare/internal';

const utf8 = new TextEncoder();
const text = new TextDecoder();

/** Anything received, with the cursor a reconnect would resume from where the format tells it. */
export interface ReceivedFrame {
  readonly frame: ServerFrame;
  readonly cursor: string;
}

/** One JSON line per frame; `trailing`: events end in the connection's own cursor, as many-channel streams do. */
export function memoryEncoding(options: { readonly trailing?: boolean } = {}): Encoding {
  const line = (json: string, cursor: string): string => `${json}\t${cursor}\n`;
  const encodeEvent = (event: StoredEvent): string => {
    const position = event.offset === 0 ? {} : { position: `${event.epoch}.${event.offset.toString(36)}` };
    const { channel, event: name, dataJson, key } = event;
    return encodeEventJson({ channel, event: name, dataJson, key, ...position });
  };
  const control = (frame: ControlFrame, facts: ControlFacts): Uint8Array =>
    utf8.encode(line(encodeFrame(frame), facts.cursor));
  if (options.trailing === true) {
    return {
      name: 'memory-many',
      event: (event) => utf8.encode(encodeEvent(event)),
      trailer: (cursor) => utf8.encode(`\t${cursor}\n`),
      control,
    };
  }
  return {
    name: 'memory',
    event: (event) =>
      utf8.encode(line(encodeEvent(event), event.offset === 0 ? '' : `${event.epoch}.${event.offset.toString(36)}`)),
    control,
  };
}

export class MemoryTransport implements Transport {
  /** What the peer has read. */
  readonly received: ReceivedFrame[] = [];
  /** How often `send` was called: writes on the wire. */
  writes = 0;
  closedWith: CloseFrame | undefined;
  #paused = false;
  #buffer: Uint8Array[] = [];
  /** Bytes the socket takes before it says buffered. */
  readonly #socketBytes: number;

  constructor(options: { readonly socketBytes?: number } = {}) {
    this.#socketBytes = options.socketBytes ?? 0;
  }

  get bufferedBytes(): number {
    return this.#buffer.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  send(chunks: readonly Uint8Array[]): SendOutcome {
    if (this.closedWith !== undefined) return 'closed';
    this.writes += 1;
    this.#buffer.push(...chunks);
    if (!this.#paused) {
      this.#read();
      return 'written';
    }
    return this.bufferedBytes > this.#socketBytes ? 'buffered' : 'written';
  }

  close(frame: CloseFrame): void {
    this.closedWith ??= frame;
  }

  /** The peer stops reading. */
  pause(): void {
    this.#paused = true;
  }

  /** The peer reads all that waits; the test then tells the connection with `drained()`. */
  resume(): void {
    this.#paused = false;
    this.#read();
  }

  /** Events received, in order. */
  get events(): readonly { readonly channel: string; readonly data: unknown; readonly position: string | undefined }[] {
    return this.received.flatMap(({ frame }) =>
      frame.type === 'event' ? [{ channel: frame.channel, data: frame.data, position: frame.position }] : [],
    );
  }

  /** Types of all frames received, in order. */
  get types(): readonly string[] {
    return this.received.map(({ frame }) => frame.type);
  }

  #read(): void {
    const chunks = this.#buffer.splice(0);
    const joined = chunks.map((chunk) => text.decode(chunk)).join('');
    for (const line of joined.split('\n').slice(0, -1)) {
      const [json = '', cursor = ''] = line.split('\t');
      this.received.push({ frame: JSON.parse(json), cursor });
    }
  }
}
