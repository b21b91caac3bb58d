/** A client on a fake platform that climbs the ladder of wires, and what its server answers on each. */
import type { ClientOptions } from '../src/index.ts';
import { type Harness, HEARTBEAT_MS, harness, subscribed } from './client-harness.ts';
import { type FakePlatform, type FakeSocket, type FakeStream, settle } from './fake-platform.ts';

export const CONNECTED = { type: 'connected', connection: 'c', heartbeatMs: HEARTBEAT_MS } as const;

export const TRY_MS = 1200;

export interface Ladder extends Harness {
  readonly seen: number[];
  readonly losses: string[];
  readonly statuses: string[];
}

export function climber(options: Partial<ClientOptions> = {}): Ladder {
  const made = harness({ transports: ['ws', 'sse', 'poll'], ...options });
  const [seen, losses, statuses]: [number[], string[], string[]] = [[], [], []];
  const channel = made.client.channel('log:a');
  channel.on('added', (data) => seen.push(data));
  channel.onLost(({ cause }) => losses.push(cause));
  made.client.onConnection(({ status, transport }) => statuses.push(`${status} ${transport ?? ''}`.trim()));
  return { ...made, seen, losses, statuses };
}

/** As the server: connected, and what was asked for, each from its position on. */
export function welcome(socket: FakeSocket): void {
  socket.open();
  socket.frames(CONNECTED);
  confirm(socket);
}

export function confirm(socket: FakeSocket): void {
  for (const { type, id, channel, position } of socket.sent.splice(0)) {
    if (type !== 'subscribe') continue;
    const at = position === undefined ? ['e.0'] : [String(position), true];
    socket.frames({ ...subscribed(String(channel), ...(at as ['e.0'])), id: Number(id) });
  }
}

export function poll(stream: FakeStream, events: readonly object[] = [], more: object = {}): Promise<void> {
  const subscriptions = [...stream.asked].map(([channel, position]) =>
    position === undefined ? subscribed(channel, 'e.0') : subscribed(channel, position, true),
  );
  stream.answer({ events, cursor: '', recovered: true, subscriptions, connection: 'p', ...more });
  return settle();
}

export function lastPoll({ streams }: FakePlatform): FakeStream {
  const found = streams.findLast(({ url }) => url.pathname.endsWith('/poll'));
  if (found === undefined) throw new Error('Nothing was polled.');
  return found;
}

/** WebSocket and stream blocked; polling in use, and a poll that waits. */
export async function polling(options: Partial<ClientOptions> = {}): Promise<Ladder> {
  const made = climber(options);
  const { platform } = made;
  await settle();
  platform.socket.end();
  await settle();
  platform.stream.cut();
  await settle();
  await poll(platform.stream);
  await pause(made);
  return made;
}

/** Between two polls. */
export async function pause({ platform }: Harness): Promise<void> {
  platform.advance(100);
  await settle();
}
