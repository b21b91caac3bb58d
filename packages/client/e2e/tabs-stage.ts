/** A server, and pages of one browser: they share what the tabs of one user share. */
import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { fileURLToPath } from 'node:url';
import { launchBrowser } from '@fanfare/testkit';
import { createFanfare, log, memory } from 'fanfare';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { rolldown } from 'rolldown';
import { expect, vi } from 'vitest';
import { DEADLINE, type Evaluating, HarnessPage, harnessUrl } from './harness-page.ts';
import { type OwnTab, openOwnTab } from './own-tab.ts';

const HTML =
  '<!doctype html><meta charset="utf-8"><title>tabs</title><script type="module" src="/harness.js"></script>';

type Live = ReturnType<typeof createLive>;

export class TabsStage {
  readonly url: string;
  readonly browser: Browser;
  readonly live: Live;
  readonly #close: () => Promise<void>;
  #published = 0;

  constructor(parts: {
    readonly url: string;
    readonly browser: Browser;
    readonly live: Live;
    readonly close: () => Promise<void>;
  }) {
    this.url = parts.url;
    this.browser = parts.browser;
    this.live = parts.live;
    this.#close = parts.close;
  }

  /** Another browser, so far as pages can tell: nothing is shared with other contexts. */
  context(): Promise<BrowserContext> {
    return this.browser.newContext();
  }

  /** Opens a page and waits until its channel is live. */
  async open(context: BrowserContext, tabs: object | false, how: HowToOpen = {}): Promise<Tab> {
    const { channel = 'run:a', token, setUp } = how;
    const page = await context.newPage();
    await setUp?.(page);
    await page.goto(harnessUrl({ origin: this.url, channel, token, client: { tabs } }));
    const tab = new Tab(page);
    await tab.isSubscribed();
    return tab;
  }

  /** A tab that the browser hides and freezes as it does a user's; they share with each other. */
  async openOwn(tabs: object): Promise<Tab<OwnTab>> {
    const url = harnessUrl({ origin: this.url, channel: 'run:a', client: { tabs } });
    const tab = new Tab(await openOwnTab(this.browser, url));
    await tab.isSubscribed();
    return tab;
  }

  /** As when its process dies. */
  async killWorkers(): Promise<void> {
    const session = await this.browser.newBrowserCDPSession();
    const { targetInfos } = await session.send('Target.getTargets', { filter: [{ type: 'shared_worker' }] });
    expect(targetInfos.length).toBeGreaterThan(0);
    for (const { targetId } of targetInfos) await session.send('Target.closeTarget', { targetId });
    await session.detach();
  }

  /** Numbers from 1 on. */
  async publish(count: number): Promise<void> {
    for (let event = 0; event < count; event += 1) {
      this.#published += 1;
      await this.live.channel('run:a').publish('n', this.#published);
    }
  }

  get published(): number {
    return this.#published;
  }

  /** Of all pages, once it has stood still: connections that were given up are gone a moment later. */
  async connectionsAre(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.live.stats().connections).toBe(count), DEADLINE);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

export interface HowToOpen {
  /** @default 'run:a' */
  readonly channel?: string;
  readonly token?: string;
  readonly setUp?: (page: Page) => Promise<void>;
}

export class Tab<Own extends Evaluating = Page> extends HarnessPage {
  readonly own: Own;

  constructor(own: Own) {
    super(own, undefined);
    this.own = own;
  }

  /** The longest that its badge showed anything but live, once it had. A second at most, where the machine has time for it. */
  async awayMs(): Promise<number> {
    let since: number | undefined;
    let longest = 0;
    for (const entry of await this.record()) {
      if (entry.kind !== 'connection') continue;
      if (entry.status === 'live' && since !== undefined) longest = Math.max(longest, entry.atMs - since);
      since = entry.status === 'live' ? undefined : entry.status === 'connecting' ? since : entry.atMs;
    }
    return longest;
  }

  async numbers(): Promise<readonly number[]> {
    return (await this.payloads()).map(Number);
  }
}

export async function startTabsStage(): Promise<TabsStage> {
  const script = await bundle('page/harness.ts');
  const live = createLive();
  const server = createServer((req, res) => {
    const path = (req.url ?? '/').split('?')[0] ?? '/';
    if (path === '/harness.js') res.setHeader('Content-Type', 'text/javascript').end(script);
    else if (path === '/page') res.setHeader('Content-Type', 'text/html').end(HTML);
    else res.writeHead(404).end();
  });
  live.attach(server);
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const browser = await launchBrowser();
  const close = async (): Promise<void> => {
    await browser.close();
    await live.close();
    server.closeAllConnections();
    server.close();
  };
  return new TabsStage({ url: `http://127.0.0.1:${port}`, browser, live, close });
}

function createLive() {
  return createFanfare({
    engine: memory(),
    channels: {
      'run:{name}': log({ keep: { count: 100_000 }, access: 'public' }),
      'own:{user}': log({
        access: ({ params, identity }) =>
          identity?.subject === params['user'] ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN' },
      }),
    },
    // Whoever says a name is believed.
    authenticate: ({ headers }) => {
      const token = /^Bearer (.+)$/.exec(headers.authorization ?? '')?.[1];
      return token === undefined ? undefined : { subject: subjectOf(token), roles: [] };
    },
    heartbeatMs: 2000,
  });
}

/** As an identity provider makes them, but for the signature. Two tokens of one user are never the same. */
export function tokenOf(sub: string): string {
  const claims = Buffer.from(JSON.stringify({ sub, jti: randomUUID() })).toString('base64url');
  return `e30.${claims}.none`;
}

function subjectOf(token: string): string {
  const claims: unknown = JSON.parse(Buffer.from(token.split('.')[1] ?? '', 'base64url').toString());
  return typeof claims === 'object' && claims !== null && 'sub' in claims ? String(claims.sub) : '';
}

async function bundle(entry: string): Promise<string> {
  const input = fileURLToPath(new URL(entry, import.meta.url));
  await using built = await rolldown({ input, platform: 'browser' });
  const { output } = await built.generate({ format: 'esm', codeSplitting: false });
  return output.map((chunk) => (chunk.type === 'chunk' ? chunk.code : '')).join('');
}
