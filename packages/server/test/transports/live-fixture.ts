/** A Fanfare on a real loopback server, and a client made of a bare socket that shows every byte of an SSE answer. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { connect, type Socket } from 'node:net';
import { SseDecoder } from '@fanfare/protocol';
import { vi } from 'vitest';
import {
  type AnyFanfare,
  type ChannelMap,
  createFanfare,
  type Fanfare,
  type FanfareOptions,
  log,
  memory,
  signal,
  state,
} from '../../src/index.ts';

/** `log:*`, `state:*`, `signal:*` are public; `short:*` keeps 3, `small:*` takes one subscriber, `secret:*` nobody. */
export const channels = {
  'log:{id}': log({ access: 'public' }),
  'short:{id}': log({ access: 'public', keep: { count: 3 } }),
  'small:{id}': log({ access: 'public', maxSubscribers: 1 }),
  'state:{id}': state({ access: 'public' }),
  'signal:{id}': signal({ access: 'public' }),
  'secret:{id}': log(),
} satisfies ChannelMap;

export interface LiveServer<M extends ChannelMap> extends AsyncDisposable {
  readonly live: Fanfare<M>;
  readonly server: Server;
  readonly port: number;
  readonly url: string;
}

export type LiveOptions<M extends ChannelMap> = Partial<FanfareOptions<M>> & {
  /** @default Fanfare's own handler */
  readonly listener?: (live: Fanfare<M>) => RequestListener;
};

export function startLive(options: LiveOptions<typeof channels> = {}): Promise<LiveServer<typeof channels>> {
  return startWith({ channels, ...options });
}

/** As `startLive`, for a channel map of the test's own. */
export async function startWith<M extends ChannelMap>(
  options: LiveOptions<M> & { readonly channels: M },
): Promise<LiveServer<M>> {
  const { listener, ...rest } = options;
  const live = createFanfare({ engine: memory(), ...rest });
  const server = createServer(listener?.(live) ?? live.handler).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  return {
    ...{ live, server, port, url: `http://127.0.0.1:${port}` },
    async [Symbol.asyncDispose]() {
      await live.close();
      server.close();
      server.closeAllConnections();
    },
  };
}

export interface ReceivedEvent {
  readonly event: string;
  readonly id: string;
  readonly data: string;
}

/** Speaks HTTP by hand. `text`: everything received, head included. */
export class RawClient implements Disposable {
  readonly socket: Socket;
  readonly events: ReceivedEvent[] = [];
  readonly chunks: Buffer[] = [];
  retryMs: number | undefined;
  text = '';
  closed = false;
  #body: SseDecoder | undefined;

  constructor(port: number) {
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true });
    this.socket.on('error', () => {});
    this.socket.on('close', () => {
      this.closed = true;
    });
    this.socket.on('data', (chunk: Buffer) => this.#receive(chunk));
  }

  /** A GET, sent at once. */
  static get(port: number, path: string, headers: Readonly<Record<string, string>> = {}): RawClient {
    const client = new RawClient(port);
    client.send(`GET ${path} HTTP/1.1\r\nHost: localhost\r\n${headerLines(headers)}\r\n`);
    return client;
  }

  send(text: string): void {
    this.socket.write(text);
  }

  /** Head of the first answer. */
  get head(): string {
    return this.text.slice(0, this.text.indexOf('\r\n\r\n'));
  }

  get body(): string {
    return this.text.slice(this.text.indexOf('\r\n\r\n') + 4);
  }

  get status(): number {
    return Number(this.text.split(' ')[1]);
  }

  named(event: string): readonly ReceivedEvent[] {
    return this.events.filter((received) => received.event === event);
  }

  /** Frames of channels, as their `data` says. */
  frames(event: string): readonly { readonly channel: string; readonly data: unknown; readonly position?: string }[] {
    return this.named(event).map((received) => JSON.parse(received.data));
  }

  /** Waits until so many events of a name have come. */
  async until(event: string, count = 1): Promise<readonly ReceivedEvent[]> {
    return vi.waitUntil(() => this.named(event).length >= count && this.named(event), { timeout: 10_000, interval: 5 });
  }

  async untilClosed(): Promise<void> {
    await vi.waitUntil(() => this.closed, { timeout: 10_000, interval: 5 });
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }

  #receive(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.text += chunk.toString();
    if (this.#body !== undefined) {
      this.#body.feed(chunk.toString());
    } else if (this.text.includes('\r\n\r\n')) {
      this.#body = new SseDecoder({
        onEvent: (event) => this.events.push({ event: event.event, id: event.id, data: event.data }),
        onRetry: (ms) => {
          this.retryMs = ms;
        },
      });
      if (this.head.includes('text/event-stream')) this.#body.feed(this.body);
    }
  }
}

function headerLines(headers: Readonly<Record<string, string>>): string {
  return Object.entries(headers)
    .map(([name, value]) => `${name}: ${value}\r\n`)
    .join('');
}

/** Nothing is left behind: no connection, no subscription, no socket. */
export async function expectNothingOpen(running: {
  readonly live: AnyFanfare;
  readonly server: Server;
}): Promise<void> {
  await vi.waitUntil(
    async () => {
      const { connections, subscriptions } = running.live.stats();
      return connections === 0 && subscriptions === 0 && (await openSockets(running.server)) === 0;
    },
    { timeout: 10_000, interval: 10 },
  );
}

function openSockets(server: Server): Promise<number> {
  return new Promise((resolve, reject) => {
    server.getConnections((error, count) => (error === null ? resolve(count) : reject(error)));
  });
}
