/** A hub whose pages have nothing but the scripts that it serves itself; what they ask for is noted, and may be missing. */
import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import { launchBrowser } from '@fanfare/testkit';
import { createFanfare, log, memory, state, type } from 'fanfare';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { expect, vi } from 'vitest';
import { DEADLINE } from './harness-page.ts';

const USES = `
  const query = new URLSearchParams(location.search);
  const client = Fanfare.createClient(JSON.parse(query.get('options') ?? '{}'));
  const show = (id, text) => { document.getElementById(id).textContent = text; };
  client.onConnection(({ status }) => show('status', status));
  if (!query.has('idle')) {
    client.channel('board:1').on('state', (score) => show('score', score));
    client.channel('news:a').on('headline', (text) => {
      document.getElementById('news').appendChild(document.createElement('li')).textContent = text;
    });
  }`;

const HEAD =
  '<!doctype html><meta charset="utf-8"><title>served</title><p id="status"></p><p id="score"></p><ul id="news"></ul>';

/** How a page has the client. */
export type Kind = 'script' | 'module' | 'script with crossorigin';

export class ServedStage {
  readonly browser: Browser;
  /** Of the hub. */
  readonly url: string;
  /** Of pages that came from elsewhere. */
  readonly otherUrl: string;
  readonly live: ReturnType<typeof createLive>;
  /** Paths that were asked for since the test began. */
  readonly asked: string[];
  readonly #missing: Set<string>;
  readonly #close: () => Promise<void>;

  constructor(parts: Pick<ServedStage, 'browser' | 'url' | 'otherUrl' | 'live' | 'asked'> & Hidden) {
    this.browser = parts.browser;
    this.url = parts.url;
    this.otherUrl = parts.otherUrl;
    this.live = parts.live;
    this.asked = parts.asked;
    this.#missing = parts.missing;
    this.#close = parts.close;
  }

  begin(): void {
    this.asked.length = 0;
    this.#missing.clear();
  }

  /** As a hub of an earlier version, or behind a proxy that does not let it through. */
  lacks(path: string): void {
    this.#missing.add(path);
  }

  countOf(path: string): number {
    return this.asked.filter((one) => one === path).length;
  }

  /** Opens a page, and waits until it is live. `options`: of createClient. */
  async open(context: BrowserContext, kind: Kind, { options, from = this.url }: Opening = {}): Promise<Page> {
    const page = await context.newPage();
    const query = new URLSearchParams({ kind, options: JSON.stringify(options ?? {}) });
    await page.goto(`${from}/page?${query}`);
    await expect.poll(() => page.textContent('#status'), DEADLINE).toBe('live');
    return page;
  }

  async connectionsAre(count: number): Promise<void> {
    await vi.waitFor(() => expect(this.live.stats().connections).toBe(count), DEADLINE);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#close();
  }
}

interface Hidden {
  readonly missing: Set<string>;
  readonly close: () => Promise<void>;
}

interface Opening {
  readonly options?: object;
  readonly from?: string;
}

export async function startServedStage(): Promise<ServedStage> {
  const asked: string[] = [];
  const missing = new Set<string>();
  let hubUrl = '';
  const other = await listen(
    (req, res) => void res.setHeader('Content-Type', 'text/html').end(pageOf(req.url, hubUrl)),
  );
  const live = createLive(urlOf(other));
  const hub = await listen((req, res) => {
    const path = pathOf(req.url);
    asked.push(path);
    if (missing.has(path)) res.writeHead(404).end();
    else if (path === '/page') res.setHeader('Content-Type', 'text/html').end(pageOf(req.url, ''));
    else live.handler(req, res);
  });
  hub.on('upgrade', (req, socket, head) => {
    const path = pathOf(req.url);
    asked.push(path);
    if (missing.has(path) || !live.upgrade(req, socket, head)) socket.destroy();
  });
  hubUrl = urlOf(hub);
  const browser = await launchBrowser();
  const close = async (): Promise<void> => {
    await browser.close();
    await live.close();
    for (const server of [hub, other]) {
      server.closeAllConnections();
      server.close();
    }
  };
  return new ServedStage({ browser, url: hubUrl, otherUrl: urlOf(other), live, asked, missing, close });
}

function createLive(allowedOrigin: string) {
  return createFanfare({
    engine: memory(),
    allowedOrigins: [allowedOrigin],
    channels: {
      'news:{topic}': log({ events: { headline: type<string>() }, access: 'public' }),
      'board:{id}': state({ schema: type<number>(), access: 'public' }),
    },
  });
}

/** `hub`: '' where the page is the hub's own. */
function pageOf(url: string | undefined, hub: string): string {
  const kind = new URLSearchParams(url?.split('?')[1]).get('kind');
  if (kind === 'module') {
    const imports = JSON.stringify({ imports: { '@fanfare/client': `${hub}/live/fanfare.mjs` } });
    return `${HEAD}<script type="importmap">${imports}</script>
      <script type="module">import * as Fanfare from '@fanfare/client'; window.Fanfare = Fanfare; ${USES}</script>`;
  }
  const how = kind === 'script' ? '' : 'crossorigin';
  return `${HEAD}<script src="${hub}/live/fanfare.js" ${how}></script><script>${USES}</script>`;
}

function pathOf(url: string | undefined): string {
  return (url ?? '/').split('?')[0] ?? '/';
}

async function listen(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

function urlOf(server: Server): string {
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}`;
}
