/** The inbox's pages in a real browser: by keyboard, by thumb, by ear, and at night. */
import { launchBrowser, type ServerProcess } from '@fanfare/testkit';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ANH, deviceOf, HA, LINH, openInbox, shown, startShowcase, trigger, WITHIN, watched } from './inbox-pages.ts';

let server: ServerProcess;
let browser: Browser;

beforeAll(async () => {
  server = await startShowcase();
  browser = await launchBrowser();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await server?.[Symbol.asyncDispose]();
});

async function mine(options: Parameters<typeof deviceOf>[2] | undefined = undefined): Promise<Page> {
  const context = await deviceOf(browser, LINH, { url: server.url, ...options });
  return openInbox(context, server.url);
}

describe('the list', { timeout: 120_000 }, () => {
  it('is one stop for Tab; arrow keys, Home and End go through it, and Enter reads', async () => {
    const page = await mine();
    await trigger(server.url, { user_id: LINH.id, title: 'by keyboard', type: 'error' });
    await page.locator('.list .note', { hasText: 'by keyboard' }).waitFor(WITHIN);
    const focused = () => page.evaluate(() => document.activeElement?.getAttribute('data-note') ?? '');
    const ids = await page
      .locator('.list .note')
      .evaluateAll((rows) => rows.map((row) => row.getAttribute('data-note')));

    await page.locator('.list .note').first().focus();
    await page.keyboard.press('ArrowDown');
    const second = await focused();
    await page.keyboard.press('End');
    const last = await focused();
    await page.keyboard.press('Home');
    const first = await focused();
    await page.keyboard.press('Enter');

    expect([first, second, last]).toEqual([ids[0], ids[1], ids.at(-1)]);
    expect(await page.locator('.list .note[tabindex="0"]').count()).toBe(1);
    await expect.poll(async () => (await shown(page)).list[0], WITHIN).toBe('by keyboard');
    await page.context().close();
  });

  it('grows as one goes down it, to the very first, each once and by day', async () => {
    for (let n = 1; n <= 70; n += 1) {
      await trigger(server.url, { user_id: ANH.id, title: `row ${n}`, type: n % 2 === 0 ? 'info' : 'warning' });
    }
    const context = await deviceOf(browser, ANH, { url: server.url });
    const page = await openInbox(context, server.url);
    await expect
      .poll(async () => {
        await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
        return page.locator('.list__end').count();
      }, WITHIN)
      .toBe(1);

    const { list } = await shown(page);

    const rows = Array.from({ length: 70 }, (_, n) => `*row ${70 - n}`);
    expect(list).toEqual([...rows, '*Import failed', '*Lịch thi đấu thay đổi', 'Payment received', 'Chào mừng bạn']);
    const days = await page.locator('.list__day').allTextContents();
    expect(days.length).toBeGreaterThanOrEqual(2);
    expect(days[0]).toBe('Today');
    await context.close();
  });

  it('says so where a mark did not reach the server, and takes it back', async () => {
    const page = await mine();
    await trigger(server.url, { user_id: LINH.id, title: 'unreachable' });
    const row = page.locator('.list .note', { hasText: 'unreachable' });
    await row.waitFor(WITHIN);
    await page.route('**/read/', (route) => route.abort());

    await row.click();

    await page.getByRole('alert').filter({ hasText: 'does not answer' }).waitFor(WITHIN);
    await expect.poll(async () => (await shown(page)).list[0], WITHIN).toBe('*unreachable');
    await page.context().close();
  });
});

describe('toasts', { timeout: 120_000 }, () => {
  it('tell of what comes, politely, lead to it, and count it as read', async () => {
    const page = await mine();
    await trigger(server.url, { user_id: LINH.id, title: 'Court 2 is free', url: '/inbox/staff', type: 'success' });

    const toast = page.locator('.toast', { hasText: 'Court 2 is free' });
    await toast.waitFor(WITHIN);
    expect(await page.locator('section[aria-live=polite]', { has: toast }).count()).toBe(1);
    await toast.getByRole('button', { name: 'Open' }).click();

    await page.waitForURL('**/inbox/staff');
    await page.goto(`${server.url}/inbox`);
    await expect.poll(async () => (await shown(page)).list[0], WITHIN).toBe('Court 2 is free');
    await page.context().close();
  });

  it('keep still in quiet hours, while list and badge go on; preferences are those of every tab', async () => {
    const page = await mine();
    const other = await openInbox(page.context(), server.url);
    await page.bringToFront();
    await page.getByLabel('No toasts and no sound').check();
    await page.getByLabel('From').fill('00:00');
    await page.getByLabel('To', { exact: true }).fill('00:00');
    for (const tab of [page, other]) await tab.getByText('It is quiet now.').waitFor(WITHIN);

    await trigger(server.url, { user_id: LINH.id, title: 'at night', type: 'error' });
    await page.locator('.list .note', { hasText: 'at night' }).waitFor(WITHIN);
    expect(await page.locator('.toast').count()).toBe(0);
    await other.getByLabel('No toasts and no sound').uncheck();
    await expect.poll(() => page.getByLabel('No toasts and no sound').isChecked(), WITHIN).toBe(false);
    await trigger(server.url, { user_id: LINH.id, title: 'by day', type: 'error' });

    const toasts = async (): Promise<string> => {
      const texts = await Promise.all([page, other].map((tab) => tab.locator('.toast__title').allTextContents()));
      return texts.flat().join();
    };
    await expect.poll(toasts, WITHIN).toContain('by day');
    // It would still be there: what can be opened stays for 12 s.
    expect(await toasts()).not.toContain('at night');
    await page.context().close();
  });

  it('do not come of a type that is off, and nothing else of it does', async () => {
    const page = await mine();
    const box = page.getByRole('checkbox', { name: 'Information: On' });
    await box.uncheck();
    // Until the server has the choice, what comes is wanted still.
    await expect.poll(() => trigger(server.url, { user_id: LINH.id, title: 'too early' }), WITHIN).toEqual([]);
    expect(await trigger(server.url, { user_id: LINH.id, title: 'unwanted' })).toEqual([]);
    await trigger(server.url, { user_id: LINH.id, title: 'asked for', type: 'warning' });
    await page.locator('.list .note', { hasText: 'asked for' }).first().waitFor(WITHIN);
    expect((await shown(page)).list).not.toContain('*unwanted');
    await box.check();
    await page.context().close();
  });

  it('move nothing for whoever wants less motion', async () => {
    const page = await mine({ url: server.url, reducedMotion: 'reduce' });

    const durations = await page
      .locator('.list .note')
      .first()
      .evaluate((row) => getComputedStyle(row).transitionDuration);

    expect(durations).toBe('0s');
    await page.context().close();
  });
});

describe('every page', { timeout: 120_000 }, () => {
  it.each(['en-US', 'vi-VN'])(
    'fits a phone of 360 pixels in %s, also with what is awkward, and its console has nothing to say',
    async (locale) => {
      await trigger(server.url, {
        user_id: HA.id,
        title:
          'Trận chung kết đôi nam nữ giữa Nguyễn Thị Phương Thảo/Trần Hoàng Bảo Ngọc và NguyenHoangPhuongAnhThiThanhTruc'.slice(
            0,
            200,
          ),
        message: `https://example.com/${'a'.repeat(300)}`,
        url: `/scoreboard?${'b'.repeat(300)}`,
        type: 'warning',
      });
      const context = await deviceOf(browser, HA, {
        ...{ url: server.url, viewport: { width: 360, height: 740 }, locale },
        // Fingers get larger buttons.
        ...{ hasTouch: true, isMobile: true },
      });
      const complaints = await watched(context);
      const page = await openInbox(context, server.url);
      const overflow = () =>
        page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);

      expect(await overflow()).toBeLessThanOrEqual(0);
      await page.locator('.bell__button').click();
      expect(await overflow()).toBeLessThanOrEqual(0);
      const panel = await page.locator('.bell__panel').boundingBox();
      expect(panel?.x).toBeGreaterThanOrEqual(0);
      await page.keyboard.press('Escape');
      expect(await page.locator('.bell__panel').count()).toBe(0);
      await page.goto(`${server.url}/inbox/staff`);
      await page.locator('.uplot canvas').first().waitFor(WITHIN);
      expect(await overflow()).toBeLessThanOrEqual(0);
      expect(await page.evaluate(() => document.documentElement.lang)).toBe(locale.slice(0, 2));
      expect(complaints).toEqual([]);
      await context.close();
    },
  );

  it('can be broken, by a tab with a wire of its own, and comes through', async () => {
    const context = await deviceOf(browser, LINH, { url: server.url });
    const page = await openInbox(context, server.url);
    await page.getByRole('link', { name: 'Break it' }).click();
    await page.waitForURL('**/inbox?break');
    await page.locator('.connection[data-status=live]').waitFor(WITHIN);

    await page.getByRole('button', { name: 'Force polling' }).click();
    await page.locator('.connection[data-status=polling], .connection[data-status=reconnecting]').waitFor(WITHIN);
    await trigger(server.url, { user_id: LINH.id, title: 'while it was broken', type: 'warning' });
    await page.getByRole('button', { name: 'Let live through again' }).click();

    await page.locator('.connection[data-status=live]').waitFor(WITHIN);
    await expect.poll(async () => (await shown(page)).list[0], WITHIN).toBe('*while it was broken');
    await page.getByRole('button', { name: 'Drop my connection' }).click();
    await trigger(server.url, { user_id: LINH.id, title: 'dropped', type: 'warning' });
    await expect
      .poll(async () => (await shown(page)).list.slice(0, 2), WITHIN)
      .toEqual(['*dropped', '*while it was broken']);
    await context.close();
  });

  it('has a place on the start page that is live for whoever one is', async () => {
    const context = await deviceOf(browser, LINH, { url: server.url });
    const complaints = await watched(context);
    const start = await context.newPage();
    await start.goto(server.url);
    const card = start.locator('.inbox-preview');
    await card.getByText('The inbox of Phạm Gia Linh').waitFor(WITHIN);
    await expect.poll(() => card.locator('.count').textContent(), WITHIN).toMatch(/\d+ unread/);

    await trigger(server.url, { user_id: LINH.id, title: 'seen on the start page', type: 'warning' });

    await card.getByText('seen on the start page').waitFor(WITHIN);
    expect(complaints).toEqual([]);
    await context.close();
  });

  it('asks again who one is when the session has ended elsewhere', async () => {
    const page = await mine();
    expect(await page.locator('.bell__button').getAttribute('aria-label')).toMatch(
      /^Notifications: (\d+ unread|All read)$/,
    );
    await page.context().request.post(`${server.url}/api/logout`, { data: {}, headers: { origin: server.url } });

    await page.getByLabel('User name').waitFor(WITHIN);
    await page.context().close();
  });

  it('asks who one is, and is theirs after one click', async () => {
    const context = await browser.newContext({ locale: 'en-US' });
    const page = await context.newPage();
    await page.goto(`${server.url}/inbox`);

    await page.getByRole('button', { name: 'Phạm Gia Linh' }).click();
    await page.locator('.list').waitFor(WITHIN);
    await page.getByRole('button', { name: 'Log out' }).click();

    await page.getByRole('heading', { name: 'Inbox' }).waitFor(WITHIN);
    await page.getByLabel('User name').fill('spectator');
    await page.getByLabel('Password').fill('wrong');
    await page.getByRole('button', { name: 'Log in' }).click();
    await page.getByRole('alert').filter({ hasText: 'wrong' }).waitFor(WITHIN);
    await context.close();
  });
});
