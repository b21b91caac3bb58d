/** A server that holds one event, and has to hold that and no more after whatever a test sends. */
import { expect } from 'vitest';
import { type LiveServer, startLive } from './live-fixture.ts';

export class HeldServer implements AsyncDisposable {
  readonly server: LiveServer;
  #published: number;

  private constructor(server: LiveServer) {
    this.server = server;
    this.#published = server.live.stats().published;
  }

  static async start(): Promise<HeldServer> {
    const server = await startLive();
    await server.call('publish', { channel: 'public:kept', event: 'n', data: 'kept' });
    return new HeldServer(server);
  }

  /** Before each test: what is published from now on is its doing. */
  mark(): void {
    this.#published = this.server.live.stats().published;
  }

  /** Alive, with so many publishes since the mark, and holding what it held. */
  async expectUnharmed(published = 0): Promise<void> {
    expect(this.server.live.stats().published).toBe(this.#published + published);
    const history = await this.server.call('history', { channel: 'public:kept' });
    expect(history.body).toMatchObject({ events: [{ data: 'kept' }], more: false });
  }

  /** Nothing of it was a fault of ours. */
  async [Symbol.asyncDispose](): Promise<void> {
    const { lines } = this.server;
    await this.server[Symbol.asyncDispose]();
    expect(lines.filter((line) => Number(line['level']) >= 50)).toEqual([]);
  }
}
