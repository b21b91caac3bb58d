/** A client as a bare EventSource would be: keeps one cursor, and reconnects at once when it is cut or the server ends it. */
import { decodeCursor, decodePosition, type Position, type ServerFrame } from '@fanfare/protocol';
import { MemoryTransport } from '@fanfare/testkit';
import { encoding, type HubFixture, trailing } from './hub-fixture.ts';

export abstract class CuttableClient {
  #cursor = '';
  #counted = 0;
  #transport = new MemoryTransport();
  #connection: ReturnType<HubFixture['hub']['open']> | undefined;
  readonly #fixture: HubFixture;
  readonly #channels: readonly string[];

  constructor(fixture: HubFixture, channels: readonly string[]) {
    this.#fixture = fixture;
    this.#channels = channels;
  }

  /** What the page does with a frame that reached it. */
  protected abstract take(frame: ServerFrame): void;

  connect(): void {
    this.#transport = new MemoryTransport();
    this.#counted = 0;
    const positions = this.#positions();
    const wire = this.#channels.length > 1 ? trailing : encoding;
    const connection = this.#fixture.hub.open(this.#transport, { encoding: wire, positions, maxAgeMs: 0 });
    this.#connection = connection;
    for (const channel of this.#channels) {
      const position = positions.get(channel);
      const outcome = connection.subscribe(channel, position === undefined ? {} : { position });
      void Promise.resolve(outcome).then(({ kind }) => {
        // As a handler does: a refused stream ends, and its client comes back.
        if (kind === 'refused') connection.close('engineUnavailable');
      });
    }
  }

  /** The wire breaks. `early`: before the last bytes written reached the peer. */
  cut(early: boolean): void {
    if (!early) this.read();
    this.#connection?.ended();
    this.connect();
  }

  pause(): void {
    this.#transport.pause();
  }

  resume(): void {
    this.#transport.resume();
    this.#connection?.drained();
  }

  /** Takes what arrived, and reconnects when the server ended the connection. */
  read(): void {
    for (const { frame, cursor } of this.#transport.received.slice(this.#counted)) {
      this.take(frame);
      if (cursor !== '') this.#cursor = cursor;
    }
    this.#counted = this.#transport.received.length;
    if (this.#transport.closedWith !== undefined) this.connect();
  }

  #positions(): Map<string, Position> {
    const positions = new Map<string, Position>();
    const [only = ''] = this.#channels;
    if (this.#channels.length === 1) {
      const decoded = decodePosition(this.#cursor);
      if (decoded.ok) positions.set(only, decoded.value);
      return positions;
    }
    const decoded = decodeCursor(this.#cursor);
    for (const channel of this.#channels) {
      const position = decoded.ok ? decoded.value.position(channel) : undefined;
      if (position !== undefined) positions.set(channel, position);
    }
    return positions;
  }
}
