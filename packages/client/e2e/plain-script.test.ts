/** A page without modules, without a bundler and without a build: `<script src="/live/fanfare.js">`, in a real browser. */
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { launchBrowser } from '@fanfare/testkit';
import { createFanfare, type Fanfare, log, memory, state, type } from 'fanfare';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const channels = {
  'news:{topic}': log({ events: { headline: type<string>() }, access: 'public' }),
  'board:{id}': state({ schema: type<number>(), access: 'public' }),
};

const PAGE = `<!doctype html><meta charset="utf-8"><title>plain</title>
<p id="status"></p><p id="score"></p><ul id="news"></ul>
<script src="/live/fanfare.js"></script>
<script>
  var client = window.Fanfare.createClient();
  client.onConnection(function (connection) { document.getElementById('status').textContent = connection.status; });
  client.channel('board:1').on('state', function (score) { document.getElementById('score').textContent = score; });
  client.channel('news:a').on('headline', function (text) {
    document.getElementById('news').appendChild(document.createElement('li')).textContent = text;
  });
</script>`;

describe('the plain script', () => {
  let live: Fanfare<typeof channels>;
  let server: Server;
  let browser: Browser;
  let url: string;

  beforeAll(async () => {
    live = createFanfare({ engine: memory(), channels });
    server = createServer((_req, res) => void res.setHeader('Content-Type', 'text/html').end(PAGE));
    live.attach(server);
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    url = `http://127.0.0.1:${typeof address === 'object' ? address?.port : ''}/`;
    browser = await launchBrowser();
  }, 60_000);
  afterAll(async () => {
    await browser?.close();
    await live?.close();
    server?.closeAllConnections();
    server?.close();
  });

  it('sets window.Fanfare, which follows channels as the modules do', async () => {
    const page = await browser.newPage();
    const errors: string[] = [];
    page.on('pageerror', (error) => errors.push(error.message));
    await live.channel('board:1').set(7);
    await page.goto(url);
    await expect.poll(() => page.textContent('#status')).toBe('live');

    await live.channel('news:a').publish('headline', 'one');
    await live.channel('board:1').set(8);

    await expect.poll(() => page.textContent('#news')).toBe('one');
    await expect.poll(() => page.textContent('#score')).toBe('8');
    expect(await page.evaluate('Object.keys(Fanfare).sort().join()')).toBe('ClientError,createClient,throttleLatest');
    expect(errors).toEqual([]);
    await page.close();
  });
});
