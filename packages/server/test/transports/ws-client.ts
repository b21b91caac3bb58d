/** A WebSocket client that keeps everything it was told. */
import { decodeServerFrame, type EventFrame, type ServerFrame } from '@fanfare/protocol';
import { vi } from 'vitest';
import { type ClientOptions, WebSocket } from 'ws';

const DEADLINE = { timeout: 15_000, interval: 5 };

export class WsClient implements Disposable {
  readonly socket: WebSocket;
  readonly frames: ServerFrame[] = [];
  pings = 0;
  closed: { readonly code: number; readonly reason: string } | undefined;
  /** Status of an upgrade that was refused. */
  status: number | undefined;

  constructor(
    port: number,
    options: ClientOptions & { readonly protocols?: readonly string[]; readonly path?: string } = {},
  ) {
    const { protocols = ['fanfare.v1'], path = '/live/ws', ...rest } = options;
    this.socket = new WebSocket(`ws://127.0.0.1:${port}${path}`, [...protocols], rest);
    this.socket.on('message', (data) => {
      const frame = decodeServerFrame(String(data));
      if (!frame.ok) throw new Error(`not a frame: ${String(data)}`);
      this.frames.push(frame.value);
    });
    this.socket.on('ping', () => {
      this.pings += 1;
    });
    this.socket.on('close', (code, reason) => {
      this.closed = { code, reason: String(reason) };
    });
    this.socket.on('unexpected-response', (_, response) => {
      this.status = response.statusCode;
      this.socket.terminate();
    });
    this.socket.on('error', () => undefined);
  }

  get events(): readonly EventFrame[] {
    return this.frames.filter((frame) => frame.type === 'event');
  }

  send(frame: object): void {
    this.socket.send(JSON.stringify(frame));
  }

  /** Resolves with the first frame of that type, from an index on. */
  frame<T extends ServerFrame['type']>(type: T, from = 0): Promise<Extract<ServerFrame, { readonly type: T }>> {
    return vi.waitFor(() => {
      const found = this.frames
        .slice(from)
        .find((one): one is Extract<ServerFrame, { readonly type: T }> => one.type === type);
      if (found === undefined)
        throw new Error(`no ${type} among ${JSON.stringify(this.frames)} ${JSON.stringify(this.closed)}`);
      return found;
    }, DEADLINE);
  }

  /** Subscribes, and resolves when that was answered. */
  async subscribe(channel: string, position?: string): Promise<Extract<ServerFrame, { readonly type: 'subscribed' }>> {
    await this.opened();
    const from = this.frames.length;
    this.send({ type: 'subscribe', channel, ...(position === undefined ? {} : { position }) });
    return this.frame('subscribed', from);
  }

  opened(): Promise<unknown> {
    return this.frame('connected');
  }

  ended(): Promise<{ readonly code: number; readonly reason: string }> {
    return vi.waitFor(() => {
      if (this.closed === undefined) throw new Error(`still open: ${JSON.stringify(this.frames)}`);
      return this.closed;
    }, DEADLINE);
  }

  [Symbol.dispose](): void {
    this.socket.terminate();
  }
}
