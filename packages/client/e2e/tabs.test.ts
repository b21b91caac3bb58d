/** Tabs of one user in a real browser: one connection for all, and what happens when the tab that has it goes. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { startTabsStage, type Tab, type TabsStage } from './tabs-stage.ts';

const LEADER = { worker: false };

/** The tests open many pages, on machines with few processors. */
vi.setConfig({ testTimeout: 90_000 });

let stage: TabsStage;
let context: BrowserContext;

beforeAll(async () => {
  stage = await startTabsStage();
});
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  context = await stage.context();
  await stage.connectionsAre(0);
});
afterEach(async () => {
  await context.close();
});

async function withoutLocks(page: Page): Promise<void> {
  await page.addInitScript(() => Object.defineProperty(navigator, 'locks', { value: undefined }));
}

/** One after the other: where a tab leads, it is the first. */
async function open(count: number, tabs: object | false): Promise<readonly Tab[]> {
  const opened: Tab[] = [];
  for (let index = 0; index < count; index += 1) opened.push(await stage.open(context, tabs));
  return opened;
}

async function getAll(tabs: readonly Pick<Tab, 'gets' | 'numbers' | 'losses'>[], from: number): Promise<void> {
  for (const tab of tabs) await tab.gets(`${stage.published}`);
  const expected = Array.from({ length: stage.published - from }, (_, index) => from + index + 1);
  for (const tab of tabs) {
    expect((await tab.numbers()).filter((number) => number > from)).toEqual(expected);
    expect(await tab.losses()).toEqual([]);
  }
}

describe.each([
  ['a tab that leads', LEADER],
  ['a worker', {}],
])('eight tabs, by %s,', (_, tabs) => {
  it('have one connection, are all live, and get everything', async () => {
    const from = stage.published;
    const opened = await open(8, tabs);
    await stage.connectionsAre(1);
    await stage.publish(50);
    await getAll(opened, from);
    await stage.connectionsAre(1);
    for (const tab of opened) expect((await tab.statuses()).at(-1)).toBe('live');
  });

  it('lose nothing when the first is closed in the middle of it', async () => {
    const from = stage.published;
    const [first, ...others] = await open(8, tabs);
    await stage.publish(20);
    const closing = first?.own.close();
    await stage.publish(200);
    await closing;
    await stage.publish(20);
    await getAll(others, from);
    await stage.connectionsAre(1);
    for (const tab of others) expect(await tab.awayMs()).toBeLessThan(5000);
  });

  it('of two users have two connections', async () => {
    for (const user of ['anna', 'bob', 'anna', 'bob']) await stage.open(context, { ...tabs, user });
    await stage.connectionsAre(2);
  });
});

describe('a leader', () => {
  it('that the browser freezes hands over before, and comes back as one among the others', async () => {
    const from = stage.published;
    const tabs = [await stage.openOwn(LEADER), await stage.openOwn(LEADER), await stage.openOwn(LEADER)];
    const [first, ...others] = tabs;
    await stage.publish(20);
    await first?.own.freeze();
    await stage.publish(20);
    await getAll(others, from);
    await first?.own.resume();
    await stage.publish(20);
    await getAll(tabs, from);
    await stage.connectionsAre(1);
    for (const tab of tabs) await tab.own.close();
  });

  it('that hangs is robbed, and gives way when it comes to itself', async () => {
    const from = stage.published;
    const [first, ...others] = await open(3, LEADER);
    await first?.own.evaluate(() => {
      setTimeout(() => {
        const end = performance.now() + 15_000;
        while (performance.now() < end);
      });
    });
    await stage.publish(20);
    await getAll(others, from);
    await vi.waitFor(
      async () => {
        await stage.publish(1);
        await first?.gets(`${stage.published}`, { timeout: 1000, interval: 20 });
      },
      { timeout: 40_000 },
    );
    await getAll(
      [first, ...others].filter((tab) => tab !== undefined),
      from,
    );
    await stage.connectionsAre(1);
  });
});

describe('tabs', () => {
  it('that opt out have connections of their own', async () => {
    await open(3, false);
    await stage.connectionsAre(3);
  });

  it('whose script is missing let a tab lead', async () => {
    const from = stage.published;
    const opened = await open(4, { worker: '/none.js' });
    await stage.publish(10);
    await getAll(opened, from);
    await stage.connectionsAre(1);
  });

  it('that have neither have connections of their own', async () => {
    const from = stage.published;
    const opened = [
      await stage.open(context, { worker: '/none.js' }, withoutLocks),
      await stage.open(context, { worker: '/none.js' }, withoutLocks),
      await stage.open(context, LEADER, withoutLocks),
    ];
    await stage.publish(10);
    await getAll(opened, from);
    await stage.connectionsAre(3);
  });

  it('without locks share by a worker all the same, and one that is closed is forgotten', async () => {
    const from = stage.published;
    const opened = [await stage.open(context, {}, withoutLocks), await stage.open(context, {}, withoutLocks)];
    await stage.connectionsAre(1);
    await opened[0]?.own.close();
    await stage.publish(10);
    await getAll(opened.slice(1), from);
    await opened[1]?.own.close();
    await stage.connectionsAre(0);
  });

  it('that are left and restored come back as they were', async () => {
    const from = stage.published;
    const tabs = await open(2, LEADER);
    const [first, other] = tabs;
    // As for the back/forward cache, which headless browsers do not have.
    const page = (type: string): Promise<unknown> | undefined =>
      first?.own.evaluate((name) => dispatchEvent(new PageTransitionEvent(name, { persisted: true })), type);
    await page('pagehide');
    await stage.publish(10);
    await other?.gets(`${stage.published}`);
    expect((await first?.numbers())?.length).toBe(0);
    await page('pageshow');
    await stage.publish(10);
    await getAll(tabs, from);
    await stage.connectionsAre(1);
  });
});
