/** Tabs of one user in a real browser: one connection for all, and what happens when the tab that has it goes. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { DEADLINE, HarnessPage, harnessUrl } from './harness-page.ts';
import { startTabsStage, type Tab, type TabsStage, tokenOf } from './tabs-stage.ts';

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

  it('follow what each wants, as who its token says: nobody gets a word that is another’s', async () => {
    const as = (user: string, channel = `own:${user}`) => stage.open(context, tabs, { channel, token: tokenOf(user) });
    const [annas, hers, bobs] = [await as('anna'), await as('anna', 'run:hers'), await as('bob')];
    await stage.connectionsAre(2);
    for (const channel of ['own:anna', 'run:hers', 'own:bob'] as const)
      for (const word of ['one', 'two']) await stage.live.channel(channel).publish('n', `${word} of ${channel}`);

    for (const [tab, channel] of [
      [annas, 'own:anna'],
      [hers, 'run:hers'],
      [bobs, 'own:bob'],
    ] as const) {
      await tab.gets(`two of ${channel}`);
      expect(await tab.payloads()).toEqual([`one of ${channel}`, `two of ${channel}`]);
    }
  });

  it('are refused what their user may not have, and only the tab that asked', async () => {
    const [annas, bobs] = [
      await stage.open(context, tabs, { channel: 'own:anna', token: tokenOf('anna') }),
      await stage.open(context, tabs, { channel: 'run:bobs', token: tokenOf('bob') }),
    ];
    const page = await context.newPage();
    await page.goto(harnessUrl({ origin: stage.url, channel: 'own:anna', token: tokenOf('bob'), client: { tabs } }));
    const refused = new HarnessPage(page, undefined);
    await vi.waitFor(async () => expect(await refused.reasons()).toContain('FORBIDDEN'), DEADLINE);
    await stage.live.channel('own:anna').publish('n', 'for anna');
    await stage.live.channel('run:bobs').publish('n', 'for bob');
    await annas.gets('for anna');
    await bobs.gets('for bob');

    expect(await refused.payloads()).toEqual([]);
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
    // Nobody had to find out: that takes 3 s.
    for (const tab of others) expect(await tab.awayMs()).toBeLessThan(2500);
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

describe('a worker', () => {
  it('goes on while the browser freezes one of its tabs, which misses nothing when it wakes', async () => {
    const from = stage.published;
    const tabs = [await stage.openOwn({}), await stage.openOwn({})];
    const [first, ...others] = tabs;
    await stage.publish(20);
    await first?.own.freeze();
    await stage.publish(200);
    await getAll(others, from);
    for (const tab of others) expect(await tab.awayMs()).toBe(0);
    await first?.own.resume();
    await getAll(tabs, from);
    await stage.connectionsAre(1);
    for (const tab of tabs) await tab.own.close();
  });

  it('that dies is started again, and nothing is lost', async () => {
    const from = stage.published;
    const opened = await open(4, {});
    await stage.publish(20);
    await stage.killWorkers();
    await stage.publish(20);
    await getAll(opened, from);
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
      await stage.open(context, { worker: '/none.js' }, { setUp: withoutLocks }),
      await stage.open(context, { worker: '/none.js' }, { setUp: withoutLocks }),
      await stage.open(context, LEADER, { setUp: withoutLocks }),
    ];
    await stage.publish(10);
    await getAll(opened, from);
    await stage.connectionsAre(3);
  });

  it('without locks share by a worker all the same, and one that is closed is forgotten', async () => {
    const from = stage.published;
    const opened = [
      await stage.open(context, {}, { setUp: withoutLocks }),
      await stage.open(context, {}, { setUp: withoutLocks }),
    ];
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
