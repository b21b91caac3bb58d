/** Stock clients of Socket.IO. Disposable: `using`. */
import { io as connectTo, type ManagerOptions, type Socket, type SocketOptions } from 'socket.io-client';
import { expect, vi } from 'vitest';
import { TIMEOUT } from './rooms-support.ts';

export class IoClient implements Disposable {
  readonly socket: Socket;
  /** Name and arguments of every event, in order. */
  readonly events: (readonly unknown[])[] = [];
  readonly refusals: string[] = [];

  constructor(url: string, options: Partial<ManagerOptions & SocketOptions> = {}) {
    this.socket = connectTo(url, {
      transports: ['websocket'],
      forceNew: true,
      reconnectionDelay: 20,
      reconnectionDelayMax: 100,
      ...options,
    });
    this.socket.onAny((...event: unknown[]) => this.events.push(event));
    this.socket.on('connect_error', (error: Error) => this.refusals.push(error.message));
  }

  /** Resolves when it is connected and welcomed. */
  async welcomed(): Promise<this> {
    await this.got('welcome', 1);
    return this;
  }

  get clientId(): unknown {
    const [welcome] = this.of('welcome');
    return typeof welcome === 'object' && welcome !== null ? Reflect.get(welcome, 'clientId') : undefined;
  }

  ask(event: string, ...args: unknown[]): Promise<unknown> {
    return this.socket.timeout(10_000).emitWithAck(event, ...args);
  }

  /** First arguments of the events of a name. */
  of(name: string): readonly unknown[] {
    return this.events.filter(([event]) => event === name).map(([, first]) => first);
  }

  async got(name: string, count: number): Promise<readonly unknown[]> {
    await vi.waitFor(() => expect(this.of(name).length).toBeGreaterThanOrEqual(count), TIMEOUT);
    return this.of(name);
  }

  /** The wire breaks, without a word. */
  cut(): void {
    this.socket.io.engine.close();
  }

  [Symbol.dispose](): void {
    this.socket.disconnect();
  }
}
