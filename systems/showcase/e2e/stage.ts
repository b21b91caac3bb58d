/** All systems on one server, with a browser to look at its pages, for one test file. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { launchBrowser, type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, BrowserContextOptions } from 'playwright-core';

const SCRIPT = fileURLToPath(new URL('../bin/start.js', import.meta.url));

export const WITHIN = { timeout: 20_000 };
/** A browser on a busy machine. */
export const TEST = { timeout: 90_000 };
export const PHONE: BrowserContextOptions = { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true };

export interface Stage extends AsyncDisposable {
  readonly url: string;
  readonly browser: Browser;
  /** Asks the backend API, as an operator would. */
  operate(path: string, body?: object): Promise<unknown>;
  /** Closes every page that is open. */
  clear(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const server = await startServerProcess({ script: SCRIPT, env: { FANFARE_ENGINE: 'memory' }, readyWithinMs: 60_000 });
  const browser = await launchBrowser().catch(async (error: unknown) => {
    await server[Symbol.asyncDispose]();
    throw error;
  });
  return {
    url: server.url,
    browser,
    operate: (path, body = {}) => operate(server, path, body),
    async clear() {
      for (const context of browser.contexts()) await context.close();
    },
    async [Symbol.asyncDispose]() {
      await browser.close();
      await server[Symbol.asyncDispose]();
    },
  };
}

async function operate(server: ServerProcess, path: string, body: object): Promise<unknown> {
  const key = (await readFile(`${server.dataFolder}/api-key`, 'utf8')).trim();
  const headers = { 'Content-Type': 'application/json', 'X-API-Key': key };
  return (await fetch(server.url + path, { method: 'POST', headers, body: JSON.stringify(body) })).json();
}
