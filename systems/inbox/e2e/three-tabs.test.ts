/** Three tabs on two devices of one user, and another user beside them: through a lost network and kill -9 they agree, and nothing is lost or told twice. */
import { type FaultProxy, launchBrowser, type ServerProcess, startFaultProxy } from '@fanfare/testkit';
import type { Browser, BrowserContext, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import {
  ANH,
  deviceOf,
  fatesOf,
  HA,
  LINH,
  openInbox,
  type Shown,
  shown,
  startShowcase,
  trigger,
  WITHIN,
} from './inbox-pages.ts';

let server: ServerProcess;
let proxy: FaultProxy;
let browser: Browser;
let admin: BrowserContext;
let laptop: BrowserContext;
/** Two on the laptop, which share a connection, and one on the phone. */
let linh: readonly Page[];
let anh: Page;

beforeAll(async () => {
  server = await startShowcase();
  proxy = await startFaultProxy({ targetPort: server.port });
  browser = await launchBrowser();
  const { url } = proxy;
  laptop = await deviceOf(browser, LINH, { url });
  const phone = await deviceOf(browser, LINH, { url, viewport: { width: 360, height: 740 } });
  linh = [await openInbox(laptop, url), await openInbox(laptop, url), await openInbox(phone, url)];
  anh = await openInbox(await deviceOf(browser, ANH, { url }), url);
  admin = await deviceOf(browser, HA, { url: server.url });
}, 180_000);
afterAll(async () => {
  await browser?.close();
  await proxy?.close();
  await server?.[Symbol.asyncDispose]();
});

/** All three show the same, and it is this. */
async function agree(expected: (now: Shown) => void): Promise<Shown> {
  for (const page of linh) {
    await expect.poll(async () => matches(await shown(page), expected), WITHIN).toBe('');
  }
  const all = await Promise.all(linh.map((page) => shown(page)));
  for (const one of all) expect(one).toEqual(all[0]);
  return all[0] as Shown;
}

function matches(now: Shown, expected: (now: Shown) => void): string {
  try {
    expected(now);
    return '';
  } catch (error) {
    return String(error);
  }
}

const SEEDED = ['*Import failed', '*Lịch thi đấu thay đổi', 'Payment received', 'Chào mừng bạn'];

describe('three tabs of one user', { timeout: 180_000 }, () => {
  it('show the same list, badge, heading and title of the tab', async () => {
    const now = await agree(({ list }) => expect(list).toEqual(SEEDED));

    expect(now).toMatchObject({ badge: '2', heading: '2 unread', tab: '(2) Inbox' });
  });

  it('show what comes, and the other user sees none of it', async () => {
    await trigger(server.url, { user_id: LINH.id, title: 'Hello Linh', type: 'success' });

    const now = await agree(({ list }) => expect(list).toEqual(['*Hello Linh', ...SEEDED]));
    expect(now.badge).toBe('3');
    expect((await shown(anh)).list).toEqual(SEEDED);
  });

  it('agree on what was read in one of them, and on all of it', async () => {
    await linh[2]?.locator('.list .note', { hasText: 'Hello Linh' }).click();
    const one = await agree(({ list }) => expect(list[0]).toBe('Hello Linh'));
    expect(one.badge).toBe('2');

    await linh[0]?.locator('.inbox__head').getByRole('button', { name: 'Mark all as read' }).click();

    const all = await agree(({ list }) => expect(list.some((title) => title.startsWith('*'))).toBe(false));
    expect(all).toMatchObject({ badge: '0', heading: 'All read', tab: 'Inbox' });
    expect((await shown(anh)).badge).toBe('2');
  });

  it('get what was sent while the network was cut, once and in order, and the analytics know that it came on return', async () => {
    const before = await fatesOf(admin, server.url, 'warning');
    proxy.refuse(true);
    proxy.cutAll();
    for (const page of linh)
      await page.locator('.connection[data-status=live]').waitFor({ ...WITHIN, state: 'detached' });
    for (let n = 1; n <= 25; n += 1)
      await trigger(server.url, { user_id: LINH.id, title: `away ${n}`, type: 'warning' });

    proxy.refuse(false);

    const away = Array.from({ length: 25 }, (_, n) => `*away ${25 - n}`);
    const now = await agree(({ list }) => expect(list.slice(0, 25)).toEqual(away));
    expect(now.badge).toBe('25');
    expect(new Set(now.list).size).toBe(now.list.length);
    await expect
      .poll(() => fatesOf(admin, server.url, 'warning'), WITHIN)
      .toEqual({
        sent: before.sent + 25,
        delivered_live: before.delivered_live,
        delivered_on_reconnect: before.delivered_on_reconnect + 25,
      });
  });

  it('get what was triggered right before kill -9, once and in order, and go on', async () => {
    const before = await fatesOf(admin, server.url, 'error');
    const sending = Array.from({ length: 20 }, (_, n) => n + 1);
    const crashes: Promise<void>[] = [];
    for (const n of sending) {
      // Not awaited: the crash comes between a trigger's commit and its delivery, or its answer, wherever it comes.
      if (n === 7 || n === 14) crashes.push(server.crashAndRestart());
      await trigger(server.url, { user_id: LINH.id, title: `crash ${n}`, type: 'error' });
    }
    await Promise.all(crashes);

    const crash = sending.map((n) => `*crash ${n}`).reverse();
    const now = await agree(({ list }) => expect(list.slice(0, 20)).toEqual(crash));
    expect(now.badge).toBe('45');
    expect(new Set(now.list).size).toBe(now.list.length);
    await expect
      .poll(async () => {
        const after = await fatesOf(admin, server.url, 'error');
        return {
          sent: after.sent - before.sent,
          delivered:
            after.delivered_live + after.delivered_on_reconnect - before.delivered_live - before.delivered_on_reconnect,
        };
      }, WITHIN)
      .toEqual({ sent: 20, delivered: 20 });
    expect((await shown(anh)).list).toEqual(SEEDED);
  });

  it('move to polling when the operator says so, miss nothing, and come back', async () => {
    const set = async (transports: readonly string[]) => {
      const answer = await admin.request.put(`${server.url}/api/notifications/transports/`, { data: { transports } });
      expect(answer.status()).toBe(200);
    };
    await set(['poll']);
    for (const page of linh) await page.locator('.connection[data-status=polling]').waitFor({ timeout: 10_000 });
    await trigger(server.url, { user_id: LINH.id, title: 'polled', type: 'success' });
    await agree(({ list }) => expect(list[0]).toBe('*polled'));

    await set(['ws', 'sse', 'poll']);

    for (const page of linh) await page.locator('.connection[data-status=live]').waitFor(WITHIN);
    await trigger(server.url, { user_id: LINH.id, title: 'live again', type: 'success' });
    const now = await agree(({ list }) => expect(list.slice(0, 2)).toEqual(['*live again', '*polled']));
    expect(now.badge).toBe('47');
  });

  it('agree soon: how soon is told, not tested', async () => {
    const at = await Promise.all(
      linh
        .map((page) =>
          page.evaluate(() => {
            return new Promise<number>((resolve) => {
              const list = document.querySelector('.inbox__main');
              if (list === null) throw new Error('no list');
              const watch = new MutationObserver(() => {
                if (list.textContent?.includes('how soon') !== true) return;
                watch.disconnect();
                resolve(Date.now());
              });
              watch.observe(list, { childList: true, subtree: true, characterData: true });
              Reflect.set(window, '__watching', true);
            });
          }),
        )
        .concat([trigger(server.url, { user_id: LINH.id, title: 'how soon', type: 'info' }).then(() => Date.now())]),
    );

    const sent = at.pop() ?? 0;
    process.stderr.write(
      `tabs showed it ${at.map((one) => one - sent).join(', ')} ms after the trigger was answered\n`,
    );
    await agree(({ list }) => expect(list[0]).toBe('*how soon'));
  });
});
