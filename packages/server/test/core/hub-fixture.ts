/** A hub on a fake clock with the memory engine, and clients that log what they got. */
import { decodePosition, type Position } from '@fanfare/protocol';
import { FakeClock, fakeEntropy, MemoryTransport, memoryEncoding } from '@fanfare/testkit';
import {
  type Broker,
  type ChannelRule,
  type Connection,
  type Credential,
  Hub,
  type HubEvent,
  type HubLimits,
} from '../../src/core/index.ts';
import { memory } from '../../src/engines/index.ts';

export const encoding = memoryEncoding();
export const trailing = memoryEncoding({ trailing: true });

export interface HubFixture {
  readonly hub: Hub;
  readonly clock: FakeClock;
  readonly broker: Broker;
  readonly events: HubEvent[];
  /** Publishes `data` on a channel: log channels as event `e`, state channels as a value. */
  publish(channel: string, data: unknown, key?: string): Promise<void>;
}

/** Counts how often a timer woke the process. */
export class WakingClock extends FakeClock {
  wakes = 0;

  override after(delayMs: number, task: () => void): () => void {
    return super.after(delayMs, () => {
      this.wakes += 1;
      task();
    });
  }
}

const BASE = { minIntervalMs: 0, maxSubscribers: 1000 } as const;

/** `log:*`, `state:*`, `throttled:*` (50 ms), `small:*` (one subscriber), `short:*` (keeps 3), `signal:*`. */
export function ruleOf(channel: string): ChannelRule | undefined {
  const window = { kind: 'window', count: 1000 } as const;
  const newest = { kind: 'newest' } as const;
  switch (channel.split(':')[0]) {
    case 'log':
      return { ...BASE, pattern: 'log:{id}', kind: 'log', retention: window };
    case 'short':
      return { ...BASE, pattern: 'short:{id}', kind: 'log', retention: { kind: 'window', count: 3 } };
    case 'small':
      return { ...BASE, pattern: 'small:{id}', kind: 'log', retention: window, maxSubscribers: 1 };
    case 'state':
      return { ...BASE, pattern: 'state:{id}', kind: 'state', retention: newest };
    case 'throttled':
      return { ...BASE, pattern: 'throttled:{id}', kind: 'state', retention: newest, minIntervalMs: 50 };
    case 'signal':
      return { ...BASE, pattern: 'signal:{id}', kind: 'signal', retention: newest };
    default:
      return undefined;
  }
}

export function makeHub(
  options: {
    readonly limits?: Partial<HubLimits>;
    readonly broker?: Broker;
    readonly clock?: FakeClock;
    readonly random?: readonly number[];
    readonly isRevoked?: (credential: Credential) => boolean;
  } = {},
): HubFixture {
  const clock = options.clock ?? new FakeClock();
  const broker = options.broker ?? memory({ clock }).broker;
  const { isRevoked = () => false } = options;
  const entropy = fakeEntropy(options.random);
  const hub = new Hub({ broker, clock, entropy, rules: ruleOf, limits: options.limits ?? {}, isRevoked });
  const events: HubEvent[] = [];
  hub.observe((event) => events.push(event));
  return {
    ...{ hub, clock, broker, events },
    publish: async (channel, data, key = '') => {
      await hub.append({
        channel,
        event: ruleOf(channel)?.kind === 'state' ? 'state' : 'e',
        dataJson: JSON.stringify(data),
        key,
      });
    },
  };
}

export interface TestClient {
  readonly transport: MemoryTransport;
  readonly connection: Connection;
  /** Payloads received on a channel. */
  data(channel: string): readonly unknown[];
}

/** Connects and subscribes; what the hub sent at once is already received. */
export async function join(
  fixture: HubFixture,
  channel: string | readonly string[],
  options: { readonly position?: Position | 'invalid'; readonly transport?: MemoryTransport } = {},
): Promise<TestClient> {
  const channels = typeof channel === 'string' ? [channel] : channel;
  const transport = options.transport ?? new MemoryTransport();
  const { position } = options;
  const positions = new Map<string, Position>();
  if (position !== undefined && position !== 'invalid') for (const name of channels) positions.set(name, position);
  const wire = channels.length > 1 ? trailing : encoding;
  const connection = fixture.hub.open(transport, { encoding: wire, positions, maxAgeMs: 0 });
  const joining = channels.map((name) => connection.subscribe(name, position === undefined ? {} : { position }));
  await fixture.clock.settle();
  await Promise.all(joining);
  return {
    ...{ transport, connection },
    data: (name) => transport.events.flatMap((event) => (event.channel === name ? [event.data] : [])),
  };
}

/** The position of the last frame that told one. */
export function lastPosition(client: TestClient): Position {
  const text = client.transport.received.findLast(({ cursor }) => cursor !== '')?.cursor ?? '';
  const decoded = decodePosition(text);
  if (!decoded.ok) throw new Error(`no position in ${JSON.stringify(text)}`);
  return decoded.value;
}
