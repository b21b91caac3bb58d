import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { DEADLINE } from './harness-page.ts';
import { type Stage, startStage } from './stage.ts';

const CHANNEL = 'own:ann';

interface Tried {
  readonly status: number;
  readonly text: string;
}

/** What a page of another web site can do with a logged-in visitor's browser. */
describe('B1, B2, B6: a page of another origin, in the browser of somebody who is logged in', () => {
  let stage: Stage;
  let context: BrowserContext;
  let listed: Site;
  let foreign: Site;

  beforeAll(async () => {
    listed = await Site.start();
    foreign = await Site.start();
    stage = await startStage({ server: { allowedOrigins: [listed.origin] } });
    context = await stage.browser.newContext();
    // Cookies know no ports: every page on this host sends this one along.
    await context.addCookies([{ name: 'user', value: 'ann', url: stage.server.url }]);
  }, 180_000);
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
    listed?.close();
    foreign?.close();
  });

  it('opens a WebSocket where its origin is listed, and gets a 403 in place of the upgrade where it is not', async () => {
    const [good, bad] = [await listed.visit(context), await foreign.visit(context)];
    const said: string[] = [];
    bad.on('console', (message) => said.push(message.text()));

    expect(await socketOpens(good, stage.server.port)).toBe('opened as fanfare.v1');
    expect(await socketOpens(bad, stage.server.port)).toBe('closed with 1006');
    await vi.waitFor(() => expect(said.join()).toContain('Unexpected response code: 403'), DEADLINE);
  });

  it.each([`live/sse?channel=${CHANNEL}`, `live/poll?wait=0&channel=${CHANNEL}`])(
    'reads %s with the cookie where its origin is listed, and nothing where it is not',
    async (path) => {
      const [good, bad] = [await listed.visit(context), await foreign.visit(context)];
      const url = `${stage.server.url}/${path}`;

      expect(await read(good, url)).toMatchObject({ status: 200, text: expect.stringContaining(CHANNEL) });
      expect(await read(bad, url)).toEqual({ status: 0, text: '' });
      expect(await read(await nowhere(bad), url)).toEqual({ status: 0, text: '' });
    },
  );

  it('may send a token of its own after a preflight, where its origin is listed', async () => {
    const [good, bad] = [await listed.visit(context), await foreign.visit(context)];
    const url = `${stage.server.url}/live/poll?wait=0&channel=own:bob`;

    expect(await read(good, url, { authorization: 'Bearer bob' })).toMatchObject({ status: 200 });
    expect(await read(bad, url, { authorization: 'Bearer bob' })).toEqual({ status: 0, text: '' });
  });

  it('carries a token beside the protocol of its WebSocket, and never sees it again', async () => {
    const page = await listed.visit(context);
    const token = Buffer.from('bob').toString('base64url');

    expect(await socketOpens(page, stage.server.port, ['fanfare.v1', `bearer.${token}`], 'own:bob')).toBe(
      'opened as fanfare.v1, subscribed own:bob',
    );
  });
});

/** A web server of somebody else: one empty page. */
class Site {
  readonly #server: Server;
  readonly origin: string;

  constructor(server: Server, port: number) {
    this.#server = server;
    this.origin = `http://127.0.0.1:${port}`;
  }

  static async start(): Promise<Site> {
    const server = createServer((_req, res) => res.setHeader('content-type', 'text/html').end('<!doctype html>'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    return new Site(server, typeof address === 'object' ? (address?.port ?? 0) : 0);
  }

  async visit(context: BrowserContext): Promise<Page> {
    const page = await context.newPage();
    await page.goto(this.origin);
    return page;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

interface Runs {
  evaluate: Page['evaluate'];
}

/** A sandboxed frame: its origin is `null`, as that of anybody's local file. */
async function nowhere(page: Page): Promise<Runs> {
  await page.evaluate(() => {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts');
    frame.srcdoc = '<!doctype html>';
    document.body.append(frame);
  });
  await vi.waitFor(() => expect(page.frames()).toHaveLength(2), DEADLINE);
  const frame = page.frames().find((one) => one !== page.mainFrame());
  if (frame === undefined) throw new Error('no frame');
  expect(await frame.evaluate(() => self.origin)).toBe('null');
  return frame;
}

/** Status and first bytes of the answer, as far as the page gets to see them; status 0: nothing. */
function read(page: Runs, url: string, headers: Readonly<Record<string, string>> = {}): Promise<Tried> {
  return page.evaluate(
    async ([address, sent]) => {
      try {
        const response = await fetch(address, { credentials: 'include', headers: sent });
        const reader = response.body?.getReader();
        let text = '';
        while (reader !== undefined && !text.includes('subscribed') && text.length < 2000) {
          const { done, value } = await reader.read();
          if (done) break;
          text += new TextDecoder().decode(value);
        }
        await reader?.cancel();
        return { status: response.status, text };
      } catch {
        return { status: 0, text: '' };
      }
    },
    [url, headers] as const,
  );
}

/** What came of a WebSocket; with a channel, of a subscription on it as well. */
function socketOpens(page: Page, port: number, protocols = ['fanfare.v1'], channel?: string): Promise<string> {
  return page.evaluate(
    ([to, offered, wanted]) =>
      new Promise<string>((resolve) => {
        const socket = new WebSocket(`ws://127.0.0.1:${to}/live/ws`, [...offered]);
        socket.onclose = ({ code }) => resolve(`closed with ${code}`);
        socket.onopen = () => {
          if (wanted === undefined) resolve(`opened as ${socket.protocol}`);
          else socket.send(JSON.stringify({ type: 'subscribe', id: 1, channel: wanted }));
        };
        socket.onmessage = ({ data }) => {
          const frame = JSON.parse(data);
          if (frame.type === 'subscribed') resolve(`opened as ${socket.protocol}, subscribed ${frame.channel}`);
          if (frame.type === 'error') resolve(`refused: ${frame.code}`);
        };
      }),
    [port, [...protocols], channel] as const,
  );
}
