import { setTimeout as frozen } from 'node:timers/promises';
import { type Burst, type FaultProxy, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { HarnessPage, harnessUrl } from './harness-page.ts';
import { type OwnTab, openOwnTab } from './own-tab.ts';
import { QUICK, type Stage, startStage } from './stage.ts';
import { WIRES, type Wire } from './wires.ts';

/** Of D16. */
const FROZEN_MS = 10_000;
const AWAKE_MS = 3000;

/** Whether the connection survives the sleep: a proxy, or a server with a slow reader, may have cut it meanwhile. */
const NIGHTS = ['its connection stays', 'its connection is cut'] as const;
type Night = (typeof NIGHTS)[number];
const CASES = NIGHTS.flatMap((night) => WIRES.map((wire) => [night, wire] as const));

interface Sleeper {
  readonly night: Night;
  readonly wire: Wire;
  readonly tab: OwnTab;
  readonly page: HarnessPage;
  /** How often its timer ran while it slept. */
  ticks: number;
}

describe('D16: a tab that the browser freezes for 10 s, in the middle of a burst', () => {
  let stage: Stage;
  let cut: FaultProxy;
  let burst: Burst;
  let last: string;
  let resumedAt: number;
  const sleepers: Sleeper[] = [];

  beforeAll(async () => {
    stage = await startStage();
    cut = await startFaultProxy({ targetPort: stage.server.port });
    const channel = stage.freshChannel();
    for (const [night, wire] of CASES) {
      const origin = (night === 'its connection stays' ? stage.proxy : cut).url;
      const tab = await openOwnTab(stage.browser, harnessUrl({ origin, channel, wire, client: QUICK }));
      sleepers.push({ night, wire, tab, page: new HarnessPage(tab, wire), ticks: 0 });
    }
    for (const { page } of sleepers) await page.isSubscribed();
    burst = stage.burst(channel);
    for (const { page } of sleepers) await page.getsMore();

    for (const sleeper of sleepers) {
      await sleeper.tab.freeze();
      sleeper.ticks -= await ticksOf(sleeper);
    }
    await frozen(FROZEN_MS / 2);
    expect(cut.cutAll()).toBeGreaterThan(0);
    await frozen(FROZEN_MS / 2);
    await burst.stop();
    last = await burst.mark();
    for (const sleeper of sleepers) sleeper.ticks += await ticksOf(sleeper);
    resumedAt = Date.now();
    await Promise.all(sleepers.map(({ tab }) => tab.resume()));
    for (const { page } of sleepers) await page.gets(last);
  }, 180_000);
  afterAll(async () => {
    await cut?.close();
    await stage?.[Symbol.asyncDispose]();
  });

  const sleeperOf = (night: Night, wire: Wire): Sleeper => {
    const found = sleepers.find((sleeper) => sleeper.night === night && sleeper.wire === wire);
    if (found === undefined) throw new Error(`No tab speaks ${wire} while ${night}.`);
    return found;
  };

  it.each(CASES)('%s, %s: is asleep indeed', (night, wire) => {
    // Its timer would have fired two hundred times.
    expect(sleeperOf(night, wire).ticks).toBeLessThan(3);
  });

  it.each(CASES)('%s, %s: has everything, once and in order, within 3 s of its resume', async (night, wire) => {
    const { page } = sleeperOf(night, wire);
    const end = (await page.record()).find((entry) => entry.kind === 'event' && entry.payload === last);

    await page.isClean(burst.published);
    expect(await page.losses()).toEqual([]);
    expect(burst.acked).toBeGreaterThan(100);
    expect((end?.atMs ?? Number.POSITIVE_INFINITY) - resumedAt).toBeLessThan(AWAKE_MS);
  });
});

function ticksOf({ tab }: Sleeper): Promise<number> {
  return tab.evaluate(() => window.harness.ticks, undefined);
}
