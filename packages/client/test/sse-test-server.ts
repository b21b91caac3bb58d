/** A small Fanfare server, written for tests only: one log per channel in memory, and every fault a test asks for. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import {
  decodePosition,
  encodeEventJson,
  encodeFrame,
  encodeSseEvent,
  type ServerFrame,
  sseEventName,
} from '@fanfare/protocol';

export class SseTestServer {
  readonly url: string;
  /** Requests for a stream so far. */
  requests = 0;
  /** Commands so far. */
  commands = 0;
  /** Events before the client's position that every replay repeats. */
  repeated = 0;
  /** How many bytes the next stream may send before its socket is reset; undefined: all. */
  cutAfter: () => number | undefined = () => undefined;
  /** Statuses of the next requests; when there are none, streams are served. */
  readonly statuses: number[] = [];
  readonly #server: Server;
  readonly #logs = new Map<string, string[]>();
  readonly #streams = new Set<Stream>();
  readonly #options: StreamOptions;

  private constructor(server: Server, port: number) {
    this.#server = server;
    this.url = `http://127.0.0.1:${port}`;
    this.#options = { log: (name) => this.#log(name), repeated: () => this.repeated };
    server.on('request', (req, res) => {
      if (req.method === 'POST') void this.#obey(req, res);
      else this.#serve(req, res);
    });
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
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    const stream = new Stream(res, this.#options, this.cutAfter());
    this.#streams.add(stream);
    res.on('close', () => this.#streams.delete(stream));
    stream.frame({ type: 'connected', connection: stream.id, heartbeatMs: 5000 });
    for (const asked of searchParams.getAll('channel')) {
      const [channel = '', position] = asked.split('@');
      stream.subscribe(channel, position);
    }
  }

  async #obey(req: IncomingMessage, res: ServerResponse): Promise<void> {
    const { frames } = JSON.parse(await text(req));
    const stream = [...this.#streams].find(({ id }) => req.url === `/live/uplink/${id}`);
    res.writeHead(stream === undefined ? 404 : 200, { 'content-type': 'application/json' });
    for (const { type, id, channel, position } of stream === undefined ? [] : frames) {
      this.commands += 1;
      if (type === 'subscribe') stream?.subscribe(channel, position, id);
      else stream?.unsubscribe(channel);
    }
    res.end(JSON.stringify({ frames: [] }));
  }
}

interface StreamOptions {
  readonly log: (channel: string) => readonly string[];
  readonly repeated: () => number;
}

class Stream {
  readonly id = randomUUID();
  readonly #res: ServerResponse;
  readonly #options: StreamOptions;
  readonly #limit: number | undefined;
  readonly #channels = new Set<string>();
  #sent = 0;

  /** `limit`: bytes after which the socket is reset. */
  constructor(res: ServerResponse, options: StreamOptions, limit: number | undefined) {
    this.#res = res;
    this.#options = options;
    this.#limit = limit;
  }

  subscribe(channel: string, text: string | undefined, id?: number): void {
    const { log, repeated } = this.#options;
    const read = decodePosition(text ?? '');
    const head = log(channel).length;
    const from = read.ok ? read.value.offset : head;
    this.#channels.add(channel);
    const more = { ...(read.ok ? { recovered: true } : {}), ...(id === undefined ? {} : { id }) };
    this.frame({ type: 'subscribed', channel, kind: 'log', position: `e.${from.toString(36)}`, ...more });
    const first = read.ok ? Math.max(0, from - repeated()) : from;
    for (let offset = first + 1; offset <= head; offset += 1) this.event(channel, offset);
  }

  unsubscribe(channel: string): void {
    this.#channels.delete(channel);
    this.frame({ type: 'unsubscribed', channel });
  }

  event(channel: string, offset: number): void {
    if (!this.#channels.has(channel)) return;
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
    const room = (this.#limit ?? Number.POSITIVE_INFINITY) - this.#sent;
    this.#sent += bytes.length;
    if (room <= 0) this.reset();
    else if (room >= bytes.length) this.#res.write(bytes);
    else this.#res.write(bytes.subarray(0, room), () => setImmediate(() => this.reset()));
  }
}
