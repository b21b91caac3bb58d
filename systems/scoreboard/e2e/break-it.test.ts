/** The "break it" drawer of a board: its faults are real, and the page comes through each of them while one watches. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { newContext, openBoard, openUmpire, shownOnBoard } from './pages.ts';

const script = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const PHONE = { width: 390, height: 844 };
const HALL = { width: 1280, height: 800 };
const WITHIN = { timeout: 30_000 };

let server: ServerProcess;
let browser: Browser;
let umpire: Page;
/** Points of side A, as the umpire has given them. */
let points = 0;

beforeAll(async () => {
  server = await startServerProcess({ script, env: { FANFARE_ENGINE: 'memory' }, readyWithinMs: 60_000 });
  browser = await launchBrowser();
  umpire = await openUmpire(await newContext(browser, PHONE), server.url);
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A board with its drawer open, and the WebSockets that it has opened so far. */
async function openDrawer(): Promise<{ readonly board: Page; readonly sockets: () => number }> {
  const context = await newContext(browser, HALL);
  let opened = 0;
  context.on('page', (page) => page.on('websocket', () => (opened += 1)));
  const board = await openBoard(context, server.url);
  await board.locator('.connection[data-status=live]').waitFor(WITHIN);
  await board.getByRole('button', { name: 'Break it' }).click();
  return { board, sockets: () => opened };
}

async function score(): Promise<void> {
  await umpire.locator('.pad__half[data-side=a][aria-disabled=false]').click();
  points += 1;
}

const expected = (): string => `${points}–0 (0–0)`;

describe('the drawer', { timeout: 120_000 }, () => {
  it('drops the connection, and the board is live again with every point', async () => {
    const { board, sockets } = await openDrawer();
    const before = sockets();

    await board.getByRole('button', { name: 'Drop my connection' }).click();
    await score();

    await expect.poll(sockets, WITHIN).toBeGreaterThan(before);
    await expect.poll(() => shownOnBoard(board), WITHIN).toBe(expected());
    await board.locator('.connection[data-status=live]').waitFor(WITHIN);
    await board.close();
  });

  it('freezes it: the point waits on the wire, is counted, and comes late', async () => {
    const { board, sockets } = await openDrawer();
    await expect.poll(() => shownOnBoard(board), WITHIN).toBe(expected());
    const [shown, opened] = [expected(), sockets()];

    await board.getByRole('button', { name: 'Freeze it for 10 s' }).click();
    await score();

    const note = board.locator('.break-it__note');
    await expect.poll(() => note.textContent(), WITHIN).toMatch(/^(Waiting on the wire: 1\.|1 event arrived late)/);
    await expect.poll(() => note.textContent(), WITHIN).toBe('1 event arrived late, none is lost.');
    await expect.poll(() => shownOnBoard(board), WITHIN).toBe(expected());
    expect(expected()).not.toBe(shown);
    expect(sockets()).toBe(opened);
    await board.close();
  });

  it('blocks every way to connect: the page asks by itself, says so, and is live again when it may', async () => {
    const { board } = await openDrawer();

    await board.getByRole('button', { name: 'Force polling' }).click();
    await board.locator('.connection[data-status=polling]').waitFor(WITHIN);
    await score();
    await expect.poll(() => shownOnBoard(board), WITHIN).toBe(expected());
    await board.getByRole('button', { name: 'Let live through again' }).click();

    await board.locator('.connection[data-status=live]').waitFor(WITHIN);
    await board.close();
  });
});
