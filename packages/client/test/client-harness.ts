/** A client on a fake platform, and the frames that its tests send. */
import type { EventFrame, GapCause, ServerFrame, SubscribedFrame } from '@fanfare/protocol';
import { type Client, type ClientError, type ClientOptions, createClient } from '../src/index.ts';
import { type Answer, FakePlatform, settle } from './fake-platform.ts';

export type Shapes = {
  'log:{name}': { kind: 'log'; events: { added: number; removed: { id: number } } };
  'board:{id}': { kind: 'state'; value: { score: number } };
  'typing:{room}': { kind: 'signal'; events: { typing: string } };
};

export const HEARTBEAT_MS = 10_000;

export interface Harness {
  readonly client: Client<Shapes>;
  readonly platform: FakePlatform;
  readonly errors: ClientError[];
  /** Answers the newest request: connected, then the frames, in one piece. */
  accept(...frames: readonly ServerFrame[]): Promise<void>;
  send(...frames: readonly ServerFrame[]): Promise<void>;
}

export function harness(options: Partial<ClientOptions> = {}): Harness {
  const platform = new FakePlatform();
  const errors: ClientError[] = [];
  const client = createClient<Shapes>({
    url: 'http://live.test',
    platform,
    transports: ['sse'],
    onError: (error) => errors.push(error),
    ...options,
  });
  /** As the server does: the answer to a command has its id. */
  const answered = (frame: ServerFrame): ServerFrame => {
    const id = frame.type === 'subscribed' ? platform.takeAsked(frame.channel) : undefined;
    return id === undefined ? frame : { ...frame, ...{ id } };
  };
  const send = async (...frames: readonly ServerFrame[]): Promise<void> => {
    platform.stream.frames(...frames.map(answered));
    await settle();
  };
  const accept = async (...frames: readonly ServerFrame[]): Promise<void> => {
    await settle();
    await send({ type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS }, ...frames);
  };
  return { client, platform, errors, accept, send };
}

export function subscribed(channel: string, position: string, recovered?: boolean, cause?: GapCause): SubscribedFrame {
  return {
    type: 'subscribed',
    channel,
    kind: channel.startsWith('log') ? 'log' : channel.startsWith('board') ? 'state' : 'signal',
    ...(channel.startsWith('typing') ? {} : { position }),
    ...(recovered === undefined ? {} : { recovered }),
    ...(cause === undefined ? {} : { cause }),
  };
}

/** `added` with its own offset as payload. */
export function added(channel: string, offset: number, epoch = 'e'): EventFrame {
  return { type: 'event', channel, event: 'added', data: offset, position: `${epoch}.${offset.toString(36)}` };
}

export function state(channel: string, score: number, offset: number, key?: string): EventFrame {
  const frame: EventFrame = {
    type: 'event',
    channel,
    event: 'state',
    data: { score },
    position: `e.${offset.toString(36)}`,
  };
  return key === undefined ? frame : { ...frame, key };
}

/** An answer that is an error, as the server words it. */
export function status(code: number, headers: Record<string, string> = {}): Answer {
  const body = JSON.stringify({ error: { code: `CODE_${code}`, message: `Status ${code}.` } });
  return () => new Response(body, { status: code, headers: { 'content-type': 'application/json', ...headers } });
}

/** A client that follows `log:a`. */
export function listening(options: Parameters<typeof harness>[0] = {}): Harness {
  const made = harness(options);
  made.client.channel('log:a').on('added', () => undefined);
  return made;
}
