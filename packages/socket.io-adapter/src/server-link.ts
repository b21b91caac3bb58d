/**
 * How one server hears what all of them publish in a namespace: the log in its order and without holes, the bus as it comes.
 * A connection of the hub like a client's, with this process for a wire; when it ends, it goes on from where it stood.
 */
import type { AnyFanfare, CloseFrame, Encoding, OwnConnection, SendOutcome, Transport } from 'fanfare';
import type { NamespaceChannels } from './channels.ts';

export interface Heard {
  readonly channel: string;
  /** undefined: from the bus. */
  readonly position: string | undefined;
  readonly data: unknown;
}

export interface ServerLinkOptions {
  readonly live: Pick<AnyFanfare, 'open'>;
  readonly channels: NamespaceChannels;
  readonly heard: (message: Heard) => void;
  /** Told what was lost, and what cannot be read. */
  readonly onError: (error: unknown) => void;
}

const RETRY_MS = 1000;
const LINE = '\n';

/** One line of JSON per event. */
const encoding: Encoding = {
  name: 'socket.io-server',
  event: ({ channel, epoch, offset, dataJson }) => {
    const position = offset === 0 ? '' : `${epoch}.${offset.toString(36)}`;
    return Buffer.from(`${JSON.stringify([channel, position]).slice(0, -1)},${dataJson}]${LINE}`);
  },
  control: (frame) =>
    frame.type === 'subscribed' && frame.recovered === false
      ? Buffer.from(`${JSON.stringify([frame.channel, frame.position, null, 'lost'])}${LINE}`)
      : new Uint8Array(0),
};

export class ServerLink {
  readonly #options: ServerLinkOptions;
  #connection: OwnConnection | undefined;
  #retry: NodeJS.Timeout | undefined;
  #closed = false;
  /** In the log: everything up to here was heard. '': not yet known. */
  #position = '';

  constructor(options: ServerLinkOptions) {
    this.#options = options;
  }

  get position(): string {
    return this.#position;
  }

  /** Resolves when everything that is published from now on will be heard, or cannot be for now: then it tries again by itself. */
  async open(): Promise<void> {
    if (this.#closed) return;
    const { live, channels } = this.#options;
    const wire: Transport = {
      bufferedBytes: 0,
      send: (chunks) => this.#take(chunks),
      close: (frame) => this.#ended(frame),
    };
    const connection = live.open(wire, { encoding, label: encoding.name, maxAgeMs: 0, isServer: true });
    this.#connection = connection;
    await connection.subscribe(channels.bus);
    const after = this.#position;
    const outcome = await connection.subscribe(channels.log, after === '' ? {} : { after });
    if (outcome.kind === 'subscribed' && this.#position === '') this.#position = outcome.frame?.position ?? '';
    if (outcome.kind === 'refused' && !connection.closed) connection.close('engineUnavailable');
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#retry);
    this.#connection?.ended();
  }

  #ended({ reason, reconnect }: CloseFrame): void {
    if (this.#closed) return;
    // A server that drains refuses this one, too: trying on costs little, and ends with the process.
    if (!reconnect) this.#options.onError(new Error(`the link to other Socket.IO servers ended: ${reason}`));
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.open(), RETRY_MS).unref();
  }

  #take(chunks: readonly Uint8Array[]): SendOutcome {
    for (const line of Buffer.concat(chunks).toString().split(LINE)) {
      if (line === '') continue;
      try {
        this.#hear(JSON.parse(line));
      } catch (error) {
        this.#options.onError(error);
      }
    }
    return 'written';
  }

  #hear(parsed: unknown): void {
    if (!Array.isArray(parsed)) return;
    const [channel, position, data, note]: readonly unknown[] = parsed;
    if (typeof channel !== 'string') return;
    if (typeof position === 'string' && position !== '') this.#position = position;
    if (note === 'lost') this.#options.onError(new Error('packets of other Socket.IO servers were lost'));
    else this.#options.heard({ channel, position: position === '' ? undefined : String(position), data });
  }
}
