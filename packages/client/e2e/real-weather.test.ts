/** Any weather, over real sockets: whatever a network, an operator and a server do in whatever order, nobody loses an event. */
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import type { TransportName } from '@fanfare/protocol';
import {
  Burst,
  CLEAN,
  type Fault,
  type FaultProxy,
  type Handed,
  judgeDelivery,
  type ServerProcess,
  startFaultProxy,
  startServerProcess,
} from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type Client, createClient } from '../src/index.ts';
import { DEADLINE } from './harness-page.ts';
import { READY_MS } from './stage.ts';
import { WIRES } from './wires.ts';

const RUNS = 5;
const MOST_STEPS = 10;
/** Short, so that a stall is noticed within a run. */
const HEARTBEAT_MS = 1000;
/** The same weather every time: another is tried by hand, with another seed. */
const SEED = Number(process.env['WEATHER_SEED'] ?? 20_261_126);
const ALL: readonly TransportName[] = ['ws', 'sse', 'poll'];
/** One client on each wire, and one that climbs. */
const WAYS: readonly (readonly TransportName[])[] = [...WIRES.map((wire) => [wire]), ALL];

type Step =
  | { readonly kind: 'publish'; readonly count: number }
  | { readonly kind: 'cut'; readonly by: 'RST' | 'FIN' }
  /** Further connections are reset after so many bytes from the server, in the middle of whatever was said. */
  | { readonly kind: 'cut-after'; readonly bytes: number }
  | { readonly kind: 'suffer'; readonly fault: Fault; readonly ms: number }
  | { readonly kind: 'switch'; readonly transports: readonly TransportName[] }
  | { readonly kind: 'restart'; readonly signal: 'SIGTERM' | 'SIGKILL' };

const direction = fc.constantFrom('both', 'to-client', 'to-server');
const fault: fc.Arbitrary<Fault> = fc.oneof(
  fc.record({ kind: fc.constant('black-hole'), direction }),
  fc.record({ kind: fc.constant('refuse'), answer: fc.constantFrom<'close' | 502>('close', 502) }),
  fc.record({ kind: fc.constant('buffer'), bytes: fc.constantFrom(500, Number.POSITIVE_INFINITY) }),
  fc.record({ kind: fc.constant('latency'), ms: fc.nat(200) }),
);
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('publish'), count: fc.integer({ min: 1, max: 20 }) }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('cut'), by: fc.constantFrom('RST', 'FIN') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('cut-after'), bytes: fc.integer({ min: 1, max: 4000 }) }) },
  { weight: 3, arbitrary: fc.record({ kind: fc.constant('suffer'), fault, ms: fc.nat(3 * HEARTBEAT_MS) }) },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('switch'), transports: fc.subarray([...ALL], { minLength: 1 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ kind: fc.constant('restart'), signal: fc.constantFrom('SIGTERM', 'SIGKILL') }),
  },
);

describe('in any weather', () => {
  let server: ServerProcess;
  let runs = 0;

  beforeAll(async () => {
    const limits = { minRetryMs: 1000, maxRetryMs: 1000 };
    server = await startServerProcess({
      script: fileURLToPath(new URL('server.mjs', import.meta.url)),
      env: { E2E_OPTIONS: JSON.stringify({ engine: 'sqlite', heartbeatMs: HEARTBEAT_MS, limits }) },
      readyWithinMs: READY_MS,
    });
  }, 120_000);
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('every wire delivers every event once and in order', async () => {
    const weather = fc.array(step, { minLength: 3, maxLength: MOST_STEPS });
    await fc.assert(fc.asyncProperty(weather, live), { numRuns: RUNS, seed: SEED, endOnFailure: true });
  }, 240_000);

  async function live(steps: readonly Step[]): Promise<void> {
    runs += 1;
    await using proxy = await startFaultProxy({ targetPort: server.port });
    const channel = `run:${runs}`;
    const members = WAYS.map((transports) => new Member(proxy.url, { channel, transports }));
    const publishing = { url: server.url, apiKey: 'e2e', channel, event: 'n', publishers: 1 };
    let burst = new Burst({ ...publishing, publishers: 0 });
    try {
      await Promise.all(members.map((member) => member.isThere()));
      burst = new Burst(publishing);
      for (const one of steps) await carryOut(one, { proxy, burst });

      proxy.heal();
      proxy.cutAfter(undefined);
      await setTransports(ALL);
      await burst.stop();
      const last = await burst.mark();
      await Promise.all(members.map((member) => member.gets(last)));
    } finally {
      for (const member of members) member.close();
      await burst.stop();
    }
    for (const { handed, transports } of members) {
      // Everything is kept, so there is nothing that could not be recovered.
      expect(judgeDelivery(burst.published, handed), transports.join()).toEqual(CLEAN);
      expect(handed.filter(({ kind }) => kind === 'lost')).toEqual([]);
    }
  }

  async function carryOut(one: Step, on: { readonly proxy: FaultProxy; readonly burst: Burst }): Promise<void> {
    const { proxy, burst } = on;
    switch (one.kind) {
      case 'publish':
        for (let count = 0; count < one.count; count += 1) await burst.mark();
        break;
      case 'cut':
        if (one.by === 'RST') proxy.cutAll();
        else proxy.endAll();
        break;
      case 'cut-after':
        proxy.cutAfter(one.bytes);
        break;
      case 'suffer':
        proxy.inflict(one.fault);
        await pause(one.ms);
        proxy.heal();
        break;
      case 'switch':
        await setTransports(one.transports);
        break;
      case 'restart':
        await server.stop(one.signal);
        await server.start();
        break;
    }
  }

  async function setTransports(transports: readonly TransportName[]): Promise<void> {
    const response = await fetch(`${server.url}/live/api/transports`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer e2e' },
      body: JSON.stringify({ transports }),
    });
    expect(response.status).toBe(200);
  }
});

class Member {
  readonly transports: readonly TransportName[];
  readonly handed: Handed[] = [];
  readonly #client: Client;
  readonly #channel: ReturnType<Client['channel']>;

  constructor(url: string, on: { readonly channel: string; readonly transports: readonly TransportName[] }) {
    this.transports = on.transports;
    this.#client = createClient({
      url,
      transports: on.transports,
      tabs: false,
      rules: { baseMs: 100, capMs: 1000, connectTimeoutMs: 3000 },
      onError: () => undefined,
    });
    this.#channel = this.#client.channel(on.channel);
    this.#channel.on('n', (payload, { position }) =>
      this.handed.push({ kind: 'event', payload: String(payload), position: position ?? '' }),
    );
    this.#channel.onLost(({ cause }) => this.handed.push({ kind: 'lost', cause }));
  }

  async isThere(): Promise<void> {
    await vi.waitFor(() => expect(this.#channel.subscription.status).toBe('subscribed'), DEADLINE);
  }

  async gets(payload: string): Promise<void> {
    const has = (): boolean => this.handed.some((entry) => entry.kind === 'event' && entry.payload === payload);
    await vi.waitFor(() => expect(has(), `${this.transports} was handed ${payload}`).toBe(true), DEADLINE);
  }

  close(): void {
    this.#client.close();
  }
}
