/** A platform for tests: time that stands still until it is moved, signals sent by hand, and a network that answers as scripted. */
import { encodeFrame, encodeSseEvent, encodeSseRetry, type ServerFrame, sseEventName } from '@fanfare/protocol';
import type { Platform, PlatformSignal, Socket, SocketListener } from '../src/index.ts';

interface Timer {
  readonly at: number;
  readonly task: () => void;
}

/** One request that the client made, and the stream it got. */
export class FakeStream {
  readonly url: URL;
  readonly headers: Headers;
  #controller: ReadableStreamDefaultController<Uint8Array> | undefined;
  readonly #encoder = new TextEncoder();
  aborted = false;
  readonly response: Response;
  /** Of a request that is not a stream: its answer, when the test gives one. */
  readonly answered: Promise<Response>;
  #answer: (response: Response) => void = () => undefined;

  constructor(url: string, init: RequestInit) {
    this.url = new URL(url);
    this.headers = new Headers(init.headers);
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.#controller = controller;
      },
    });
    let abort = (_: unknown): void => undefined;
    this.answered = new Promise((resolve, reject) => {
      this.#answer = resolve;
      abort = reject;
    });
    this.answered.catch(() => undefined);
    init.signal?.addEventListener('abort', () => {
      this.aborted = true;
      abort(new DOMException('aborted', 'AbortError'));
      this.#controller?.error(new DOMException('aborted', 'AbortError'));
    });
    this.response = new Response(body, { headers: { 'content-type': 'text/event-stream; charset=utf-8' } });
  }

  /** The names, without positions. */
  get channels(): readonly string[] {
    return [...this.asked.keys()];
  }

  /** What the request asks for, by channel: from which position on; undefined: from now. */
  get asked(): ReadonlyMap<string, string | undefined> {
    return new Map(
      this.url.searchParams.getAll('channel').map((text) => {
        const [name = '', position] = text.split('@');
        return [name, position];
      }),
    );
  }

  answer(body: object, status = 200): void {
    this.#answer(Response.json(body, { status }));
  }

  text(text: string): void {
    this.#controller?.enqueue(this.#encoder.encode(text));
  }

  retry(ms: number): void {
    this.text(encodeSseRetry(ms));
  }

  /** All of them as one piece of the stream. */
  frames(...frames: readonly ServerFrame[]): void {
    this.text(frames.map((frame) => encodeSseEvent({ event: sseEventName(frame), data: encodeFrame(frame) })).join(''));
  }

  end(): void {
    this.#controller?.close();
  }

  /** As a connection that was reset. */
  cut(): void {
    this.#controller?.error(new TypeError('terminated'));
  }
}

/** A WebSocket that the client opened. */
export class FakeSocket implements Socket {
  readonly url: URL;
  readonly protocols: readonly string[];
  /** What the client sent, in order. */
  readonly sent: Record<string, unknown>[] = [];
  closed = false;
  readonly #on: SocketListener;

  constructor(url: string, protocols: readonly string[], on: SocketListener) {
    this.url = new URL(url);
    this.protocols = protocols;
    this.#on = on;
  }

  send(text: string): void {
    this.sent.push(JSON.parse(text));
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.#on.open();
  }

  frames(...frames: readonly ServerFrame[]): void {
    for (const frame of frames) this.#on.message(encodeFrame(frame));
  }

  message(data: unknown): void {
    this.#on.message(data);
  }

  /** By the other side, or the network: 1006. */
  end(code = 1006, reason = ''): void {
    this.closed = true;
    this.#on.close(code, reason);
  }
}

/** Commands that the client sent by the way beside a stream. */
export interface FakePost {
  readonly url: URL;
  readonly headers: Headers;
  /** As they were sent, in order. */
  readonly frames: readonly Record<string, unknown>[];
}

export type Answer = (stream: FakeStream) => Response | Promise<Response>;

export class FakePlatform implements Platform {
  readonly streams: FakeStream[] = [];
  readonly sockets: FakeSocket[] = [];
  /** The next requests' answers, in order; without one a stream is opened. */
  readonly answers: Answer[] = [];
  readonly posts: FakePost[] = [];
  /** Of the next posts, in order; without one the server takes all of them and says nothing. */
  readonly postAnswers: ((post: FakePost) => Response | Promise<Response>)[] = [];
  chance = 0.5;
  isOnline = true;
  /** What was remembered for the next visit. */
  readonly memory = new Map<string, string>();
  readonly #asked = new Map<string, number>();
  #ids = 0;
  #now = 0;
  #timers: Timer[] = [];
  readonly #watchers = new Set<(signal: PlatformSignal) => void>();

  get timers(): number {
    return this.#timers.length;
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  get openStreams(): number {
    return this.streams.filter((stream) => !stream.aborted).length;
  }

  /** The newest. */
  get socket(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (socket === undefined) throw new Error('No WebSocket was opened.');
    return socket;
  }

  /** The newest. */
  get stream(): FakeStream {
    const stream = this.streams.at(-1);
    if (stream === undefined) throw new Error('No request was made.');
    return stream;
  }

  now(): number {
    return this.#now;
  }

  wallTime(): number {
    return 1_700_000_000_000 + this.#now;
  }

  random(): number {
    return this.chance;
  }

  online(): boolean {
    return this.isOnline;
  }

  after(delayMs: number, task: () => void): () => void {
    const timer = { at: this.#now + delayMs, task };
    this.#timers.push(timer);
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer);
    };
  }

  watch(listener: (signal: PlatformSignal) => void): () => void {
    this.#watchers.add(listener);
    return () => {
      this.#watchers.delete(listener);
    };
  }

  signal(signal: PlatformSignal): void {
    for (const watcher of [...this.#watchers]) watcher(signal);
  }

  readonly webSocket = (url: string, protocols: readonly string[], on: SocketListener): FakeSocket => {
    const socket = new FakeSocket(url, protocols, on);
    this.sockets.push(socket);
    return socket;
  };

  id(): string {
    this.#ids += 1;
    return `id-${this.#ids}`;
  }

  recall(key: string): string | undefined {
    return this.memory.get(key);
  }

  remember(key: string, word: string): void {
    this.memory.set(key, word);
  }

  /** Every command that was posted, in order, without the ids. */
  get posted(): readonly Record<string, unknown>[] {
    return this.posts.flatMap(({ frames }) => frames).map(({ id: _, ...frame }) => frame);
  }

  /** The id of the newest command that subscribes the channel, once. */
  takeAsked(channel: string): number | undefined {
    const id = this.#asked.get(channel);
    this.#asked.delete(channel);
    return id;
  }

  fetch(url: string, init: RequestInit): Promise<Response> {
    if (init.method === 'POST') return this.#post(url, init);
    const stream = new FakeStream(url, init);
    this.streams.push(stream);
    const usual: Answer = stream.url.pathname.endsWith('/poll')
      ? ({ answered }) => answered
      : ({ response }) => response;
    return Promise.resolve((this.answers.shift() ?? usual)(stream));
  }

  async #post(url: string, init: RequestInit): Promise<Response> {
    const { frames } = JSON.parse(String(init.body));
    const post = { url: new URL(url), headers: new Headers(init.headers), frames };
    this.posts.push(post);
    for (const { type, channel, id } of post.frames) if (type === 'subscribe') this.#asked.set(channel, id);
    return (this.postAnswers.shift() ?? (() => Response.json({ frames: [] })))(post);
  }

  /** Moves time, running what falls due on the way, in order. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= until).sort((one, other) => one.at - other.at)[0];
      if (next === undefined) break;
      this.#timers = this.#timers.filter((timer) => timer !== next);
      this.#now = Math.max(this.#now, next.at);
      next.task();
    }
    this.#now = until;
  }

  /** Moves time from timer to timer until the client has made another request. */
  async nextRequest(): Promise<void> {
    const before = this.streams.length;
    for (let timers = 0; timers < 10 && this.streams.length === before; timers += 1) {
      this.advance(Math.min(...this.#timers.map(({ at }) => at)) - this.#now);
      await settle();
    }
    if (this.streams.length === before) throw new Error('The client made no further request.');
  }

  /** Moves time with the page frozen: nothing runs. */
  freeze(ms: number): void {
    this.#now += ms;
  }
}

/** Lets promises and streams that are under way settle: a few turns of the loop, without a clock. */
export async function settle(): Promise<void> {
  for (let turns = 0; turns < 4; turns += 1) await new Promise((resolve) => setImmediate(resolve));
}
