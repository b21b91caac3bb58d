/** The WebSocket as a wire of the behaviour suite. */
import type { ClientFrame, ServerFrame } from '@fanfare/protocol';
import { vi } from 'vitest';
import { RawWebSocket } from '../raw-web-socket.ts';
import { type ConnectWire, WAIT, type WireClient } from './wire-client.ts';

/** A frame that comes by itself, and answers nothing. */
const UNASKED: ReadonlySet<string> = new Set(['connected', 'event', 'transports', 'close']);

export const connectWs: ConnectWire = async ({ port, channels, token }) => {
  const socket = new RawWebSocket({ port, headers: token === undefined ? {} : { Authorization: `Bearer ${token}` } });
  for (const begin of channels) {
    const [channel, position] = typeof begin === 'string' ? [begin] : begin;
    socket.send({ type: 'subscribe', channel, ...(position === undefined ? {} : { position }) });
  }
  await vi.waitUntil(() => socket.frames.length > 0 || socket.closed, WAIT);
  return new WsClient(socket);
};

class WsClient implements WireClient {
  readonly transport = 'ws';
  readonly socket: RawWebSocket;

  constructor(socket: RawWebSocket) {
    this.socket = socket;
  }

  get frames(): readonly ServerFrame[] {
    return this.socket.frames;
  }

  get closed(): boolean {
    return this.socket.closed;
  }

  get closeCode(): number {
    return this.socket.closedWith?.code ?? 1006;
  }

  async command(frame: ClientFrame | object): Promise<ServerFrame> {
    const id: unknown = Object(frame).id;
    const from = this.frames.length;
    this.socket.send(frame);
    const answers = (answer: ServerFrame): boolean =>
      !UNASKED.has(answer.type) && (id === undefined || ('id' in answer && answer.id === id));
    await vi.waitUntil(() => this.frames.slice(from).some(answers) || this.closed, WAIT);
    const answer = this.frames.slice(from).find(answers);
    if (answer === undefined)
      throw new Error(`closed with ${this.closeCode}, and no answer to ${JSON.stringify(frame)}`);
    return answer;
  }

  commands(frames: readonly ClientFrame[]): Promise<readonly ServerFrame[]> {
    return Promise.all(frames.map((frame) => this.command(frame)));
  }

  pause(): void {
    this.socket.socket.pause();
  }

  resume(): void {
    this.socket.socket.resume();
  }

  cut(): void {
    this.socket.socket.resetAndDestroy();
  }

  [Symbol.dispose](): void {
    this.socket.socket.destroy();
  }
}
