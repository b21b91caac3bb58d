/** A small Fanfare server, written for tests only: one log per channel in memory, and every fault a test asks for. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import {
  decodeCursor,
  encodeEventJson,
  encodeFrame,
  encodeSseEvent,
  type ServerFrame,
  sseEventName,
} from '@fanfare/protocol';

export class SseTestServer {
  readonly url: string;
  /** Requests so far. */
  requests = 0;
  /** Events before the client's position that every replay repeats. */
  repeated = 0;
  /** How many bytes the next stream may send before its socket is reset; undefined: all. */
  cutAfter: () => number | undefined = () => undefined;
  /** Statuses of the next requests; when there are none, streams are served. */
  readonly statuses: number[] = [];
  readonly #server: Server;
  readonly #logs = new Map<string, string[]>();
  readonly #streams = new Set<Stream>();

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    server.on('request', (req, res) => this.#serve(req, res));
  }

  static async start(): Promise<SseTestServer> {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new SseTestServer(server, typeof address === 'object' && address !== null ? address.port : 0);
  }

  publish(channel: string, data: unknown): void {
    const log = this.#log(channel);
    log.push(JSON.stringify(data));
    for (const stream of this.#streams) stream.event(channel, log.length);
  }

  cut(): void {
    for (const stream of this.#streams) stream.reset();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, 'close');
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #log(channel: string): string[] {
    const log = this.#logs.get(channel) ?? [];
    this.#logs.set(channel, log);
    return log;
  }

  #serve(req: IncomingMessage, res: ServerResponse): void {
    this.requests += 1;
    const status = this.statuses.shift();
    if (status !== undefined) {
      res.writeHead(status, { 'content-type': 'application/json' });
      res.end(JSON.stringify({ error: { code: `CODE_${status}`, message: 'As the test wants it.' } }));
      return;
    }
    const { searchParams } = new URL(req.url ?? '/', this.url);
    const cursor = decodeCursor(searchParams.get('cursor') ?? '');
    const channels = searchParams.getAll('channel');
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const stream = new Stream(res, { channels, log: (name) => this.#log(name), limit: this.cutAfter() });
    this.#streams.add(stream);
    res.on('close', () => this.#streams.delete(stream));
    stream.frame({ type: 'connected', connection: 'test', heartbeatMs: 5000 });
    for (const channel of channels) {
      const position = cursor.ok ? cursor.value.position(channel) : undefined;
      const from = position?.offset ?? this.#log(channel).length;
      const recovered = position === undefined ? {} : { recovered: true };
      stream.frame({ type: 'subscribed', channel, kind: 'log', position: `e.${from.toString(36)}`, ...recovered });
      const first = position === undefined ? from : Math.max(0, from - this.repeated);
      for (let offset = first + 1; offset <= this.#log(channel).length; offset += 1) stream.event(channel, offset);
    }
  }
}

interface StreamOptions {
  readonly channels: readonly string[];
  readonly log: (channel: string) => readonly string[];
  readonly limit: number | undefined;
}

class Stream {
  readonly #res: ServerResponse;
  readonly #options: StreamOptions;
  #sent = 0;

  constructor(res: ServerResponse, options: StreamOptions) {
    this.#res = res;
    this.#options = options;
  }

  event(channel: string, offset: number): void {
    if (!this.#options.channels.includes(channel)) return;
    const dataJson = this.#options.log(channel)[offset - 1] ?? 'null';
    const position = `e.${offset.toString(36)}`;
    this.#write(
      encodeSseEvent({
        event: 'added',
        data: encodeEventJson({ channel, event: 'added', dataJson, key: '', position }),
      }),
    );
  }

  frame(frame: ServerFrame): void {
    this.#write(encodeSseEvent({ event: sseEventName(frame), data: encodeFrame(frame) }));
  }

  reset(): void {
    this.#res.socket?.resetAndDestroy();
  }

  #write(text: string): void {
    const bytes = Buffer.from(text);
    const room = (this.#options.limit ?? Number.POSITIVE_INFINITY) - this.#sent;
    this.#sent += bytes.length;
    if (room <= 0) this.reset();
    else if (room >= bytes.length) this.#res.write(bytes);
    else this.#res.write(bytes.subarray(0, room), () => setImmediate(() => this.reset()));
  }
}
