/** Pages without a bundler and without a build: `<script src="/live/fanfare.js">`, and an import map, in a real browser. */
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { type Kind, type ServedStage, startServedStage } from './served-stage.ts';

const WORKER = '/live/fanfare-worker.js';
const LEADER = '/live/fanfare-leader.mjs';

vi.setConfig({ testTimeout: 90_000 });

let stage: ServedStage;
let context: BrowserContext;
let errors: string[];

beforeAll(async () => {
  stage = await startServedStage();
}, 60_000);
afterAll(async () => {
  await stage?.[Symbol.asyncDispose]();
});
beforeEach(async () => {
  await stage.connectionsAre(0);
  stage.begin();
  context = await stage.browser.newContext();
  errors = [];
  context.on('weberror', (error) => errors.push(error.error().message));
});
afterEach(async () => {
  await context.close();
});

async function withoutWorkers(): Promise<void> {
  await context.addInitScript(() => Reflect.deleteProperty(globalThis, 'SharedWorker'));
}

async function headersOf(path: string): Promise<object> {
  const { status, headers } = await fetch(path, { cache: 'no-store' });
  const [type, caching, tag] = ['content-type', 'cache-control', 'etag'].map((name) => headers.get(name));
  return { status, type, caching, tag };
}

/** Everybody gets the next headline, once. */
async function hears(pages: readonly Page[], headline: string): Promise<void> {
  await stage.live.channel('news:a').publish('headline', headline);
  for (const page of pages) await expect.poll(() => page.textContent('#news')).toBe(headline);
}

describe.each<Kind>(['script', 'module'])('a page with the %s', (kind) => {
  it('has Fanfare, which follows channels as a bundle does', async () => {
    await stage.live.channel('board:1').set(7);
    const page = await stage.open(context, kind);
    await stage.live.channel('board:1').set(8);

    await hears([page], 'one');
    await expect.poll(() => page.textContent('#score')).toBe('8');
    expect(await page.evaluate('Object.keys(Fanfare).sort().join()')).toBe('ClientError,createClient,throttleLatest');
    expect(errors).toEqual([]);
  });

  it('shares one connection with another, by the worker that the hub serves; nothing else is loaded', async () => {
    const pages = [await stage.open(context, kind), await stage.open(context, kind)];

    await stage.connectionsAre(1);
    await hears(pages, 'two');
    expect(stage.countOf(WORKER)).toBeGreaterThan(0);
    expect(stage.countOf(LEADER)).toBe(0);
    expect(await pages[0]?.evaluate(headersOf, WORKER)).toEqual({
      status: 200,
      type: 'text/javascript; charset=utf-8',
      caching: 'no-cache',
      tag: expect.stringMatching(/^W\/"[\w-]{22}"$/),
    });
  });

  it('shares one connection where there are no workers, by the part that it loads before it connects', async () => {
    await withoutWorkers();
    const pages = [await stage.open(context, kind), await stage.open(context, kind)];

    await stage.connectionsAre(1);
    await hears(pages, 'three');
    expect(stage.asked.filter((path) => [WORKER, LEADER].includes(path))).toEqual([LEADER, LEADER]);
  });

  it('loads that part with the page, before anything is wanted: later the network may be worse', async () => {
    await withoutWorkers();
    const page = await context.newPage();
    await page.goto(`${stage.url}/page?kind=${kind}&idle`);

    await expect.poll(() => stage.asked).toContain(LEADER);
    expect(stage.live.stats().connections).toBe(0);
  });

  it('shares one connection where the worker is missing, by the same part, and does not wait to find out', async () => {
    stage.lacks(WORKER);
    const started = performance.now();
    const pages = [await stage.open(context, kind)];
    const middle = performance.now();
    pages.push(await stage.open(context, kind));

    // Who waits for an answer waits for 2 s.
    expect(Math.min(middle - started, performance.now() - middle)).toBeLessThan(2000);
    await stage.connectionsAre(1);
    await hears(pages, 'four');
    expect(stage.countOf(LEADER)).toBe(2);
  });

  it('has a connection of its own where both are missing', async () => {
    stage.lacks(WORKER);
    stage.lacks(LEADER);
    const pages = [await stage.open(context, kind), await stage.open(context, kind)];

    await stage.connectionsAre(2);
    await hears(pages, 'five');
    expect(errors).toEqual([]);
  });

  it('has a connection of its own within seconds where that part never comes', async () => {
    await withoutWorkers();
    await context.route(`**${LEADER}`, () => undefined);
    const started = performance.now();
    const page = await stage.open(context, kind);

    expect(performance.now() - started).toBeLessThan(6000);
    await stage.connectionsAre(1);
    await hears([page], 'six');
  });

  it('loads nothing more, and has a connection of its own, where it is told to share none', async () => {
    const pages = [await stage.open(context, kind, { options: { tabs: false } })];
    pages.push(await stage.open(context, kind, { options: { tabs: false } }));

    await stage.connectionsAre(2);
    await hears(pages, 'seven');
    expect(stage.countOf(WORKER) + stage.countOf(LEADER)).toBe(0);
  });
});

describe('the worker', () => {
  it('begins, at the next visit, with what got through at the last', async () => {
    stage.lacks('/live/ws');
    const options = { rules: { shortLifeMs: 50 } };
    const first = await stage.open(context, 'script', { options });
    await vi.waitFor(async () => {
      await stage.live.channel('board:1').set(Date.now());
      expect(await first.evaluate(() => caches.has('fanfare'))).toBe(true);
      expect(await first.evaluate(async () => (await (await caches.open('fanfare')).keys()).length)).toBe(1);
    });
    await first.close();
    await stage.connectionsAre(0);
    stage.asked.length = 0;
    await stage.open(context, 'script', { options });

    expect(stage.asked.find((path) => ['/live/ws', '/live/sse'].includes(path))).toBe('/live/sse');
  });
});

describe('a page of another origin', () => {
  /** No worker is possible there; a script without `crossorigin` does not know where it came from. */
  it.each<[Kind, number]>([
    ['script', 2],
    ['script with crossorigin', 1],
    ['module', 1],
  ])('with the %s is live, two of them by %i of their own', async (kind, connections) => {
    const there = { from: stage.otherUrl, options: { url: stage.url } };
    const pages = [await stage.open(context, kind, there), await stage.open(context, kind, there)];

    await stage.connectionsAre(connections);
    await hears(pages, 'eight');
    expect(stage.countOf(WORKER)).toBe(0);
    expect(errors).toEqual([]);
  });
});
