/** A client of one wire, raw: it shows every frame as it came and repairs nothing. */
import type { ClientFrame, ServerFrame, TransportName } from '@fanfare/protocol';
import { vi } from 'vitest';

/** A channel to begin with; with a position, from there. */
export type Begin = string | readonly [channel: string, position: string];

export interface WireOptions {
  readonly port: number;
  /** At least one: a wire without a way back cannot open with none. */
  readonly channels: readonly Begin[];
  /** `Authorization: Bearer TOKEN` of every request. */
  readonly token?: string;
}

export interface WireClient extends Disposable {
  readonly transport: TransportName;
  /** Everything that came on the connection so far, in order. Answers to commands where the wire brings them there. */
  readonly frames: readonly ServerFrame[];
  /** The wire has ended. */
  readonly closed: boolean;
  /** What the server said at the end; 1006: nothing. Meaningful once `closed`. */
  readonly closeCode: number;
  /** Sends one command, or what is none; resolves with the frame that answers it. */
  command(frame: ClientFrame | object): Promise<ServerFrame>;
  /** Sends up to 64 commands together, each with its own `id`; resolves with their answers, in order. */
  commands(frames: readonly ClientFrame[]): Promise<readonly ServerFrame[]>;
  /** Stops reading: bytes wait at the server. */
  pause(): void;
  resume(): void;
  /** A reset, as a phone that leaves the network. */
  cut(): void;
}

/** Resolves once the wire stands, or was refused on it. */
export type ConnectWire = (options: WireOptions) => Promise<WireClient>;

export type FrameOf<T extends ServerFrame['type']> = Extract<ServerFrame, { readonly type: T }>;

export const WAIT = { timeout: 20_000, interval: 5 };

export function channelOf(begin: Begin): string {
  return typeof begin === 'string' ? begin : begin[0];
}

/** All frames of a type, in order; of one channel where it is named. */
export function framesOf<T extends ServerFrame['type']>(
  client: Pick<WireClient, 'frames'>,
  type: T,
  channel?: string,
): readonly FrameOf<T>[] {
  const isOne = (frame: ServerFrame): frame is FrameOf<T> => frame.type === type;
  return client.frames.filter(isOne).filter((frame) => channel === undefined || Object(frame).channel === channel);
}

/** Payloads that came on a channel. */
export function dataOf(client: Pick<WireClient, 'frames'>, channel: string): readonly unknown[] {
  return framesOf(client, 'event', channel).map((frame) => frame.data);
}

/** Waits until so many frames of a type have come. */
export async function untilFrames<T extends ServerFrame['type']>(
  client: WireClient,
  type: T,
  about: { readonly channel?: string; readonly count?: number } = {},
): Promise<readonly FrameOf<T>[]> {
  const { channel, count = 1 } = about;
  await vi.waitUntil(() => framesOf(client, type, channel).length >= count || client.closed, WAIT);
  const frames = framesOf(client, type, channel);
  if (frames.length < count) throw new Error(`closed with ${client.closeCode} after ${JSON.stringify(client.frames)}`);
  return frames;
}

export async function untilClosed(client: WireClient): Promise<number> {
  await vi.waitUntil(() => client.closed, WAIT);
  return client.closeCode;
}

/** The position of the last event of a channel, or of its subscription. */
export function positionOf(client: WireClient, channel: string): string {
  const told = client.frames.findLast(
    (frame) => (frame.type === 'event' || frame.type === 'subscribed') && frame.channel === channel,
  );
  return told !== undefined && 'position' in told ? (told.position ?? '') : '';
}
