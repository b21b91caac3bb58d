/** The pages, in a real browser. */
import { launchBrowser, type ServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example, publishOrder, startFanfare } from './stage.ts';

const DEADLINE = { timeout: 20_000 };

let server: ServerProcess;
let browser: Browser;

beforeAll(async () => {
  server = await startFanfare();
  browser = await launchBrowser();
});
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** A page of the server's own origin, as if the server in front of Fanfare served this folder and node_modules. */
async function open(file: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route(/\/(examples|node_modules)\//, (route) =>
    route.fulfill({ path: example(`..${new URL(route.request().url()).pathname}`) }),
  );
  await page.goto(`${server.url}/examples/browser/${file}`);
  await expect.poll(() => page.locator('#state').textContent(), DEADLINE).toBe('live');
  return page;
}

function ordersOn(page: Page): Promise<string[]> {
  return page.locator('#orders li').allTextContents();
}

describe('browser/event-source.html', () => {
  it('shows every order once through kill -9 of the server and a 502 of the proxy in front', async () => {
    const page = await open('event-source.html');
    await publishOrder(server.url, 1);
    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['1']);

    // The page waits for some seconds before it begins anew: its clock is moved.
    await page.clock.install();
    let refused = 0;
    await page.route(/\/live\/sse/, (route) => {
      refused += 1;
      return route.fulfill({ status: 502, body: 'Bad gateway' });
    });
    await server.crashAndRestart();
    await expect.poll(() => refused, DEADLINE).toBe(1);
    await publishOrder(server.url, 2);
    await page.unroute(/\/live\/sse/);
    await page.clock.fastForward(10_000);

    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['1', '2']);
    await page.close();
  });
});

describe('browser/module.html', () => {
  it('shows every order once through kill -9 of the server', async () => {
    const page = await open('module.html');
    await publishOrder(server.url, 11);
    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['11']);

    await server.crashAndRestart();
    await publishOrder(server.url, 12);

    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['11', '12']);
    await page.close();
  });
});
