/** The pages, in a real browser. */
import { launchBrowser, type ServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { build } from 'vite';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { example, publishOrder, setStock, startFanfare } from './stage.ts';

const DEADLINE = { timeout: 40_000 };

let server: ServerProcess;
let browser: Browser;

beforeAll(async () => {
  server = await startFanfare();
  browser = await launchBrowser();
}, 90_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

/** Pages of the server's own origin, as if what is in front of Fanfare served this folder and node_modules. */
async function open(path: string): Promise<Page> {
  const page = await browser.newPage();
  await page.route(/\/(examples|node_modules)\//, (route) =>
    route.fulfill({ path: example(`..${new URL(route.request().url()).pathname}`) }),
  );
  await page.route('**/react.html', (route) =>
    route.fulfill({ contentType: 'text/html', body: '<div id="root"></div><script src="react.js"></script>' }),
  );
  await page.route('**/react.js', async (route) =>
    route.fulfill({ contentType: 'text/javascript', body: await bundle('react/main.tsx') }),
  );
  await page.goto(`${server.url}${path}`);
  await expect.poll(() => page.locator('#state').textContent(), DEADLINE).toBe('live');
  return page;
}

/** As an application's bundler does. */
async function bundle(entry: string): Promise<string> {
  const built = await build({
    configFile: false,
    root: example('.'),
    logLevel: 'error',
    build: { write: false, rolldownOptions: { input: example(entry), output: { format: 'iife' } } },
  });
  const [chunk] = Array.isArray(built) ? (built[0]?.output ?? []) : 'output' in built ? built.output : [];
  if (chunk?.type !== 'chunk') throw new Error(`${entry} made no script`);
  return chunk.code;
}

function ordersOn(page: Page): Promise<string[]> {
  return page.locator('#orders li').allTextContents();
}

describe('browser/event-source.html', { timeout: 180_000 }, () => {
  it('shows every order once through kill -9 of the server and a 502 of the proxy in front', async () => {
    const page = await open('/examples/browser/event-source.html');
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
    await expect.poll(() => refused, DEADLINE).toBeGreaterThan(0);
    await publishOrder(server.url, 2);
    await page.unroute(/\/live\/sse/);
    await page.clock.fastForward(10_000);

    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['1', '2']);
    await page.close();
  });
});

describe.each(['module', 'script'])('browser/%s.html', { timeout: 180_000 }, (name) => {
  it('shows every order once through kill -9 of the server', async () => {
    const page = await open(`/examples/browser/${name}.html`);
    await publishOrder(server.url, 11);
    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['11']);

    await server.crashAndRestart();
    await publishOrder(server.url, 12);

    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['11', '12']);
    await page.close();
  });
});

describe('react/main.tsx', { timeout: 180_000 }, () => {
  it('shows every order once and the stock as it is through kill -9 of the server', async () => {
    await setStock(server.url, 3);
    const page = await open('/react.html');
    await publishOrder(server.url, 21);
    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['21']);
    await expect.poll(() => page.locator('#stock').textContent(), DEADLINE).toBe('3');

    await server.crashAndRestart();
    await publishOrder(server.url, 22);
    await setStock(server.url, 2);

    await expect.poll(() => ordersOn(page), DEADLINE).toEqual(['21', '22']);
    await expect.poll(() => page.locator('#stock').textContent(), DEADLINE).toBe('2');
    await page.close();
  });
});
