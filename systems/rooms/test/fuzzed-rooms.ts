/** The rooms under ten thousand broken messages, with the limits of a public server, and a client of each kind that must notice nothing. */
import { fileURLToPath } from 'node:url';
import { lateness, type RawFrame, RawWebSocket, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import { expect, vi } from 'vitest';
import { Client, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

export const SOCKET_IO = '/socket.io/?EIO=4&transport=websocket';
const CHILD = fileURLToPath(new URL('./rooms-child.mjs', import.meta.url));

export interface FuzzedRooms extends AsyncDisposable {
  readonly server: ServerProcess;
  readonly port: number;
  readonly url: string;
  /** The others are well, nobody else is connected, nothing failed, and the loop was never late for long. */
  expectUnharmed(): Promise<void>;
}

export async function startFuzzedRooms(): Promise<FuzzedRooms> {
  const server = await startServerProcess({ script: CHILD, watchesLoop: true });
  const { pid, port, url } = server;
  const plain = await new Client(port).welcomed();
  const io = await new IoClient(url).welcomed();
  await plain.ask({ type: 'join-room', room: 'kept' });
  await server.loop();
  return {
    ...{ server, port, url },
    async expectUnharmed() {
      expect(lateness(await server.loop())).toBeUndefined();
      expect(io.socket.connected).toBe(true);
      expect(await io.ask('ping')).toMatchObject({ type: 'pong' });
      plain.send({ type: 'ping' });
      await vi.waitFor(() => expect(plain.messages.at(-1)).toMatchObject({ type: 'pong' }), TIMEOUT);
      await vi.waitFor(async () => {
        const { websocket } = await (await fetch(`${url}/health`)).json();
        expect(websocket).toEqual({ clients: 2, rooms: 1 });
      }, TIMEOUT);
      expect(server.pid).toBe(pid);
      expect(server.output).not.toMatch(/FAULT|unhandled|uncaught/i);
    },
    async [Symbol.asyncDispose]() {
      plain[Symbol.dispose]();
      io[Symbol.dispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

/** Messages or packets that belong together, such as a packet and its attachments. */
export type Sequence = readonly RawFrame[];

export interface Handled {
  /** Sequences that were read and not refused for being too many. */
  readonly handled: number;
  /** Connections that they took. */
  readonly connections: number;
}

export interface SendOptions {
  readonly port: number;
  readonly path: string;
  /** A client stands once this has come; then `begin` is sent, if any, until `begun` comes. */
  readonly begin?: { readonly frame: RawFrame; readonly begun: RegExp };
}

/** Under the 200 messages that a client may send at once, by default. */
const PER_CONNECTION = 150;
const LANES = 16;
/** What the limits on how much a client sends answer with. */
const REFUSED = /"code":"(?:RATE_LIMITED|BUSY)"/g;

/**
 * Sends all of them, each followed by a ping: the pongs tell how many were read before one ended its connection, and what is behind
 * that one is sent on the next.
 */
export async function sendSequences(sequences: readonly Sequence[], options: SendOptions): Promise<Handled> {
  const left = [...sequences];
  let handled = 0;
  let connections = 0;
  const lane = async (): Promise<void> => {
    for (let batch = left.splice(0, PER_CONNECTION); batch.length > 0; batch = left.splice(0, PER_CONNECTION)) {
      const { read, refused } = await sendInOne(batch, options);
      connections += 1;
      handled += read - refused;
      left.push(...batch.slice(read));
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  return { handled, connections };
}

async function sendInOne(
  batch: readonly Sequence[],
  { port, path, begin }: SendOptions,
): Promise<{ readonly read: number; readonly refused: number }> {
  using peer = new RawWebSocket({ port, path, isForeign: true });
  await settled(peer, () => peer.texts.length > 0);
  if (begin !== undefined) {
    peer.write(begin.frame);
    await settled(peer, () => peer.texts.some((text) => begin.begun.test(text)));
  }
  expect(peer.closed, peer.head).toBe(false);
  for (let at = 0; at < batch.length && !isOver(peer); at += WINDOW) {
    for (const frames of batch.slice(at, at + WINDOW)) {
      for (const frame of frames) peer.write(frame);
      peer.write({ opcode: 9, payload: '' });
    }
    await settled(peer, () => peer.pongs.length >= Math.min(at + WINDOW, batch.length));
  }
  const refused = peer.texts.join('\n').match(REFUSED)?.length ?? 0;
  const read = isOver(peer) ? Math.min(batch.length, peer.pongs.length + 1) : batch.length;
  return { read, refused };
}

/** Sequences on their way at a time. */
const WINDOW = 8;

function isOver(peer: RawWebSocket): boolean {
  return peer.closed || peer.closedWith !== undefined;
}

/** Resolves when that is so, or the connection has ended; looked at whenever something comes. */
function settled(peer: RawWebSocket, isSo: () => boolean): Promise<void> {
  return new Promise((resolve, reject) => {
    const deadline = setTimeout(() => reject(new Error('nothing comes')), TIMEOUT.timeout);
    const look = (): void => {
      if (!isSo() && !isOver(peer)) return;
      clearTimeout(deadline);
      peer.socket.off('data', look).off('close', look);
      resolve();
    };
    peer.socket.on('data', look).on('close', look);
    look();
  });
}
