import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newContext, openBoard, openUmpire, shownOnBoard, shownOnPad } from './pages.ts';

const script = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const PHONE = { width: 390, height: 844 };
const WALL = { width: 1280, height: 800 };
/** Sixty points: a first game that goes to 22-20, and eighteen points of the second. */
const FINAL = '9–9 (1–0)';

describe('an umpire and two spectators through kill -9', () => {
  let server: ServerProcess;
  let browser: Browser;

  beforeAll(async () => {
    server = await startServerProcess({ script });
    browser = await launchBrowser();
  });
  afterAll(async () => {
    await browser?.close();
    await server?.[Symbol.asyncDispose]();
  });

  it('end on the same right score after 60 taps, without a reload and with no event seen twice', async () => {
    const phone = await newContext(browser, PHONE);
    const hall = await newContext(browser, WALL);
    const umpire = await openUmpire(phone, server.url);
    const boards = [await openBoard(hall, server.url), await openBoard(hall, server.url)];
    const pages = [umpire, ...boards];
    const born = await Promise.all(pages.map((page) => page.evaluate(() => window.__born)));

    for (let tap = 0; tap < 20; tap += 1) await score(umpire, tap);
    await server.stop('SIGKILL');
    // The phone answers while nobody is there: these wait in the page and count once the server is back.
    for (let tap = 20; tap < 30; tap += 1) await score(umpire, tap);
    await expect.poll(() => shownOnPad(umpire)).toBe('15–15 (0–0)');
    await server.start();
    for (let tap = 30; tap < 42; tap += 1) await score(umpire, tap);
    await nextGame(umpire);
    for (let tap = 42; tap < 60; tap += 1) await score(umpire, tap);

    await expect.poll(() => shownOnPad(umpire), { timeout: 20_000 }).toBe(FINAL);
    for (const board of boards) await expect.poll(() => shownOnBoard(board), { timeout: 20_000 }).toBe(FINAL);
    const truth = await fetch(`${server.url}/api/court/1234`).then((response) => response.json());
    expect(truth).toMatchObject({ score: [9, 9], games: [1, 0], gameNumber: 2, gameScores: [[22, 20]] });
    expect(await Promise.all(pages.map((page) => page.evaluate(() => window.__born)))).toEqual(born);
    for (const page of pages) await expectEachOnce(page);
  }, 90_000);
});

/** Points alternate, so that 20-all comes after forty; the next two go to side A. */
async function score(umpire: Page, tap: number): Promise<void> {
  const side = tap === 40 || tap === 41 || tap % 2 === 0 ? 'a' : 'b';
  await umpire.locator(`.pad__half[data-side=${side}][aria-disabled=false]`).click();
}

async function nextGame(umpire: Page): Promise<void> {
  await umpire.locator('.controls [aria-keyshortcuts=N][aria-disabled=false]').click();
  await umpire.getByRole('dialog').getByRole('button', { name: 'Next game' }).click();
}

/** What came over the wire: no position of a channel twice, and never an older one after a newer one. */
async function expectEachOnce(page: Page): Promise<void> {
  const arrived = await page.evaluate(() => window.__arrived);
  expect(arrived.length).toBeGreaterThan(10);
  expect(new Set(arrived).size).toBe(arrived.length);
  const last = new Map<string, number>();
  for (const one of arrived) {
    const [channel = '', position = ''] = one.split('@');
    const offset = Number.parseInt(position.split('.')[1] ?? '', 36);
    expect(offset).toBeGreaterThan(last.get(channel) ?? 0);
    last.set(channel, offset);
  }
}
