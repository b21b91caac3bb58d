import { type Burst, type Fault, type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE, type HarnessOptions, type HarnessPage, openHarness } from './harness-page.ts';
import type { RecordEntry } from './page/record.ts';
import { type Stage, startStage } from './stage.ts';

const POLLING_MS = 3000;
const LIVE_MS = 30_000;

/** Networks that let short requests pass, and nothing else. */
const NETWORKS: readonly { readonly name: string; readonly ws: Fault; readonly sse: Fault }[] = [
  {
    name: 'answers upgrades with 502 and holds streams back',
    ws: { kind: 'refuse', answer: 502 },
    sse: { kind: 'buffer', bytes: Number.POSITIVE_INFINITY },
  },
  {
    name: 'forbids upgrades and streams with a page of its own',
    ws: { kind: 'refuse', answer: 403 },
    sse: { kind: 'refuse', answer: 403 },
  },
  {
    name: 'hangs up on upgrades and on streams',
    ws: { kind: 'refuse', answer: 'close' },
    sse: { kind: 'refuse', answer: 'close' },
  },
  {
    name: 'swallows WebSockets and streams',
    ws: { kind: 'black-hole', direction: 'both' },
    sse: { kind: 'black-hole', direction: 'both' },
  },
  {
    name: 'lets both open and then say nothing',
    ws: { kind: 'buffer', bytes: Number.POSITIVE_INFINITY },
    sse: { kind: 'buffer', bytes: Number.POSITIVE_INFINITY },
  },
];

interface Visit {
  readonly proxy: FaultProxy;
  readonly page: HarnessPage;
  readonly burst: Burst;
  readonly blocked: readonly RecordEntry[];
  readonly healedAt: number;
}

describe('a page that starts behind a proxy that', () => {
  let stage: Stage;
  const visits = new Map<string, Visit>();

  beforeAll(async () => {
    stage = await startStage();
    for (const network of NETWORKS) visits.set(network.name, await visit(stage, network));
    for (const { page, burst } of visits.values()) {
      await vi.waitFor(async () => expect(await page.status()).toBe('live'), { ...DEADLINE, timeout: LIVE_MS * 2 });
      await page.getsMore();
      await burst.stop();
      await page.gets(await burst.mark());
    }
  }, 180_000);
  afterAll(async () => {
    for (const { proxy } of visits.values()) await proxy.close();
    await stage?.[Symbol.asyncDispose]();
  });

  describe.each(NETWORKS.map(({ name }) => name))('%s', (name) => {
    const of = (): Visit => {
      const visited = visits.get(name);
      if (visited === undefined) throw new Error(`Nobody visited: ${name}`);
      return visited;
    };

    it('polls within 3 s', () => {
      expect(timeToPoll(of().blocked)).toBeLessThan(POLLING_MS);
    });

    it('gets everything meanwhile, and its badge says all the while how', () => {
      const { blocked } = of();
      const statuses = blocked.flatMap((entry) => (entry.kind === 'connection' ? [entry.status] : []));

      expect([...new Set(statuses)]).toEqual(['connecting', 'polling']);
      expect(blocked.filter(({ kind }) => kind === 'event').length).toBeGreaterThan(20);
      expect(blocked.filter(({ kind }) => kind === 'lost')).toEqual([]);
    });

    it('is live within 30 s once the network has healed, says so, and has lost nothing', async () => {
      const { page, burst, healedAt, blocked } = of();
      const record = await page.record();
      const after = record.slice(blocked.length);
      const last = record.findLast((entry) => entry.kind === 'connection');

      expect(momentOf(after, 'live') - healedAt).toBeLessThan(LIVE_MS);
      expect(last).toMatchObject({ status: 'live' });
      await page.isClean(burst.published);
      expect(await page.losses()).toEqual([]);
    });
  });
});

async function visit(stage: Stage, network: (typeof NETWORKS)[number]): Promise<Visit> {
  const proxy = await startFaultProxy({ targetPort: stage.server.port });
  proxy.inflict(network.ws, ['ws']);
  proxy.inflict(network.sse, ['sse']);
  const channel = stage.freshChannel();
  const page = await firstVisit(stage, { origin: proxy.url, channel });
  const burst = stage.burst(channel, { publishers: 1, everyMs: 50 });
  await vi.waitFor(async () => expect((await page.payloads()).length).toBeGreaterThan(20), DEADLINE);
  const blocked = await page.record();
  const healedAt = Date.now();
  proxy.heal();
  return { proxy, page, burst, blocked, healedAt };
}

/** A machine that starves its browser makes anything late; three times in a row it does not. */
async function firstVisit(stage: Stage, options: HarnessOptions): Promise<HarnessPage> {
  for (let visits = 1; ; visits += 1) {
    const page = await openHarness(stage.browser, options);
    await vi.waitFor(async () => expect(await page.status()).toBe('polling'), DEADLINE);
    await page.isSubscribed();
    if (visits === 3 || timeToPoll(await page.record()) < POLLING_MS) return page;
    await page.close();
  }
}

function timeToPoll(record: readonly RecordEntry[]): number {
  return momentOf(record, 'polling') - (record[0]?.atMs ?? 0);
}

/** When the badge first showed it; never: Infinity. */
function momentOf(record: readonly RecordEntry[], status: string): number {
  const found = record.find((entry) => entry.kind === 'connection' && entry.status === status);
  return found?.atMs ?? Number.POSITIVE_INFINITY;
}
