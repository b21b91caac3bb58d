/** A WebSocket path of an application, and a client of it. */
import { expect, vi } from 'vitest';
import { type RawData, WebSocket } from 'ws';
import {
  defineWebSocketView,
  log,
  type OwnSocket,
  type SocketEnd,
  signal,
  type WebSocketPathOptions,
} from '../../src/index.ts';
import { type LiveOptions, startWith } from './live-fixture.ts';

export const TIMEOUT = { timeout: 20_000, interval: 5 };
export const map = {
  'room:{id}': log({ access: 'public' }),
  'secret:{id}': log(),
  'all:{id}': signal({ access: 'public' }),
};

export const view = defineWebSocketView({
  name: 'plain',
  event: ({ channel, event, dataJson, position }) =>
    event === 'hidden' ? undefined : JSON.stringify({ got: event, channel, data: JSON.parse(dataJson), position }),
  control: (frame) =>
    frame.type === 'subscribed'
      ? JSON.stringify({ joined: frame.channel, recovered: frame.recovered })
      : frame.type === 'error'
        ? JSON.stringify({ refused: frame.code })
        : undefined,
});

export type Options = Partial<WebSocketPathOptions> & { readonly live?: Partial<LiveOptions<typeof map>> };

/** Text `join X` follows a channel, `say X` says X back, anything else is a fault of the test. */
export async function startPath(options: Options = {}) {
  const running = await startWith({ channels: map, ...options.live });
  const sockets: OwnSocket[] = [];
  const ends: SocketEnd[] = [];
  const binary: number[] = [];
  const path = running.live.webSocketPath({
    view,
    opened: (socket) => {
      sockets.push(socket);
      socket.send('hello');
      return {
        text: (text) => {
          const [verb = '', channel = ''] = text.split(' ');
          if (verb === 'say') socket.send(channel);
          else
            void socket
              .command({ type: 'subscribe', channel })
              .then(({ frame, told }) => told || socket.control(frame));
        },
        ...(options.opened === undefined && { binary: () => binary.push(1) }),
        ended: (end) => ends.push(end),
      };
    },
    ...options,
  });
  running.server.on('upgrade', path);
  return { ...running, sockets, ends, binary, [Symbol.asyncDispose]: () => running[Symbol.asyncDispose]() };
}

export class Client implements Disposable {
  readonly socket: WebSocket;
  readonly texts: string[] = [];
  closed: { code: number; reason: string } | undefined;

  constructor(port: number, headers: Record<string, string> = {}) {
    this.socket = new WebSocket(`ws://127.0.0.1:${port}/plain`, { headers });
    this.socket.on('message', (data: RawData) => this.texts.push(String(data)));
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('error', () => {});
  }

  async got(count: number): Promise<readonly string[]> {
    await vi.waitFor(() => expect(this.texts.length).toBeGreaterThanOrEqual(count), TIMEOUT);
    return this.texts;
  }

  async end(): Promise<{ code: number; reason: string } | undefined> {
    await vi.waitFor(() => expect(this.closed).toBeDefined(), TIMEOUT);
    return this.closed;
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
