/** A server in a process of its own, a network that fails on demand, a browser, and one page for every wire. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  Burst,
  type BurstOptions,
  type FaultProxy,
  launchBrowser,
  type ServerProcess,
  startFaultProxy,
  startServerProcess,
} from '@fanfare/testkit';
import type { Browser } from 'playwright-core';
import { rolldown } from 'rolldown';
import { expect, vi } from 'vitest';
import { DEADLINE, type HarnessOptions, type HarnessPage, openHarness } from './harness-page.ts';
import { WIRES, type Wire } from './wires.ts';

export interface StageOptions {
  /** @default 'sqlite' */
  readonly engine?: 'memory' | 'sqlite';
  /** Short, so that a dead wire is noticed while a test waits. @default 1000 */
  readonly heartbeatMs?: number;
  readonly limits?: object;
  /** Further options of createFanfare that JSON can hold. */
  readonly server?: object;
}

/** Waits between attempts as short as the protocol allows; growing, but never to half a minute. Each page has its own connection. */
export const QUICK = { tabs: false, rules: { baseMs: 200, capMs: 2000, connectTimeoutMs: 3000 } };
/** A busy machine takes long to start a process. */
export const READY_MS = 60_000;
const RETRY = { minRetryMs: 1000, maxRetryMs: 1000 };

export class Stage {
  readonly server: ServerProcess;
  readonly proxy: FaultProxy;
  readonly browser: Browser;
  readonly #scriptFolder: string;
  #channels = 0;

  constructor(parts: {
    readonly server: ServerProcess;
    readonly proxy: FaultProxy;
    readonly browser: Browser;
    readonly scriptFolder: string;
  }) {
    this.server = parts.server;
    this.proxy = parts.proxy;
    this.browser = parts.browser;
    this.#scriptFolder = parts.scriptFolder;
  }

  /** A channel that nobody used before. */
  freshChannel(pattern: 'run' | 'short' = 'run'): string {
    this.#channels += 1;
    return `${pattern}:${this.#channels}`;
  }

  open(options: Partial<HarnessOptions> & Pick<HarnessOptions, 'channel'>): Promise<HarnessPage> {
    const client = { ...QUICK, ...options.client };
    return openHarness(this.browser, { origin: this.proxy.url, ...options, client });
  }

  /** Publishes past every fault, straight to the server. */
  burst(channel: string, options: Partial<BurstOptions> = {}): Burst {
    return new Burst({ url: this.server.url, apiKey: 'e2e', channel, event: 'n', ...options });
  }

  /** One call of the backend API, straight to the server. */
  async api(verb: string, body: object = {}): Promise<Readonly<Record<string, unknown>>> {
    const response = await fetch(`${this.server.url}/live/api/${verb}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: 'Bearer e2e' },
      body: JSON.stringify(body),
    });
    expect(response.status).toBe(200);
    return response.json();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.browser.close();
    await this.proxy.close();
    await this.server[Symbol.asyncDispose]();
    await rm(this.#scriptFolder, { recursive: true, force: true });
  }
}

export async function startStage(options: StageOptions = {}): Promise<Stage> {
  const { engine = 'sqlite', heartbeatMs = 1000, limits, server: more } = options;
  const scriptFolder = await mkdtemp(join(tmpdir(), 'fanfare-harness-'));
  const script = join(scriptFolder, 'harness.js');
  await writeFile(script, await bundle(new URL('page/harness.ts', import.meta.url)));
  const env = {
    E2E_SCRIPT: script,
    E2E_OPTIONS: JSON.stringify({ engine, heartbeatMs, limits: { ...RETRY, ...limits }, ...more }),
    NODE_OPTIONS: '--expose-gc',
  };
  const server = await startServerProcess({
    script: fileURLToPath(new URL('server.mjs', import.meta.url)),
    env,
    readyWithinMs: READY_MS,
  });
  const proxy = await startFaultProxy({ targetPort: server.port });
  return new Stage({ server, proxy, browser: await launchBrowser(), scriptFolder });
}

export interface FaultRun {
  /** One page per wire, every one in the middle of the same burst. */
  readonly pages: readonly HarnessPage[];
  readonly burst: Burst;
  page(wire: Wire): HarnessPage;
  /** Ends the burst, and waits until every page was handed its last event. */
  settle(): Promise<void>;
}

/** Pages on every wire, live, and a burst that runs: what a fault hits. */
export async function underLoad(stage: Stage, options: Partial<HarnessOptions> = {}): Promise<FaultRun> {
  const channel = options.channel ?? stage.freshChannel();
  const pages = await Promise.all(WIRES.map((wire) => stage.open({ ...options, channel, wire })));
  for (const page of pages) await page.isSubscribed();
  const burst = stage.burst(channel);
  await Promise.all(pages.map((page) => page.getsMore()));
  return {
    pages,
    burst,
    page: (wire) => {
      const found = pages.find((page) => page.wire === wire);
      if (found === undefined) throw new Error(`No page speaks ${wire}.`);
      return found;
    },
    settle: async () => {
      // While it still runs: whoever is back gets something new.
      await Promise.all(pages.map((page) => page.getsMore()));
      await vi.waitFor(() => expect(burst.acked).toBeGreaterThan(20), DEADLINE);
      await burst.stop();
      const last = await burst.mark();
      await Promise.all(pages.map((page) => page.gets(last)));
    },
  };
}

async function bundle(entry: URL): Promise<string> {
  await using built = await rolldown({ input: fileURLToPath(entry), platform: 'browser' });
  const { output } = await built.generate({ format: 'esm', codeSplitting: false });
  return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}
