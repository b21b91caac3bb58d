import type { Burst } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE, type HarnessPage } from './harness-page.ts';
import { type Stage, startStage } from './stage.ts';

const MOVED_MS = 5000;
const PAGES = 4;

/** What the operator allows, and where it leaves everybody. */
const ORDERS = [
  [['poll'], 'polling', 'poll'],
  [['ws', 'sse', 'poll'], 'live', 'ws'],
  [['sse', 'poll'], 'live', 'sse'],
  [['ws', 'sse', 'poll'], 'live', 'ws'],
] as const;

describe('an operator who sets the transports while everybody listens', () => {
  let stage: Stage;
  let pages: readonly HarnessPage[];
  let burst: Burst;
  /** Of each order, in the best of the rounds: how long it took until the last page had moved. */
  const moved = ORDERS.map(() => Number.POSITIVE_INFINITY);

  beforeAll(async () => {
    stage = await startStage();
    const channel = stage.freshChannel();
    pages = await Promise.all(Array.from({ length: PAGES }, () => stage.open({ channel })));
    await everybody('live', 'ws');
    burst = stage.burst(channel);
    await Promise.all(pages.map((page) => page.getsMore()));

    // A machine that starves its browser makes anything late; three times in a row it does not.
    for (let round = 1; round <= 3 && moved.some((ms) => ms >= MOVED_MS); round += 1) await giveOrders();
    await burst.stop();
    const last = await burst.mark();
    await Promise.all(pages.map((page) => page.gets(last)));
  }, 180_000);
  afterAll(() => stage?.[Symbol.asyncDispose]());

  async function giveOrders(): Promise<void> {
    for (const [index, [transports, status, transport]] of ORDERS.entries()) {
      moved[index] = Math.min(moved[index] ?? 0, await order(transports, status, transport));
      await Promise.all(pages.map((page) => page.getsMore()));
    }
  }

  async function everybody(status: string, transport: string): Promise<void> {
    for (const page of pages) {
      await vi.waitFor(async () => expect(await page.badge()).toMatchObject({ status, transport }), DEADLINE);
    }
  }

  /** Gives the order and returns how long the last page took, by the pages' own records. */
  async function order(transports: readonly string[], status: string, transport: string): Promise<number> {
    const before = await Promise.all(pages.map(async (page) => (await page.record()).length));
    const orderedAt = Date.now();
    await stage.api('transports', { transports });
    await everybody(status, transport);
    const moments = await Promise.all(
      pages.map(async (page, index) => {
        const since = (await page.record()).slice(before[index]);
        const arrived = since.find((entry) => entry.kind === 'connection' && entry.transport === transport);
        return (arrived?.atMs ?? Number.POSITIVE_INFINITY) - orderedAt;
      }),
    );
    return Math.max(...moments);
  }

  it.each(ORDERS.map(([transports], index) => [transports.join(', '), index] as const))(
    'has everybody moved within 5 s to the best of %s',
    (_transports, index) => {
      expect(moved[index]).toBeLessThan(MOVED_MS);
    },
  );

  it('costs nobody an event', async () => {
    for (const page of pages) {
      expect(await page.losses()).toEqual([]);
      await page.isClean(burst.published);
    }
  });
});
