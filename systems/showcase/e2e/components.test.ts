/** `/components` as a visitor meets it: in a real browser, under the page's real policy, with the real server behind it. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { PHONE, type Stage, startStage, TEST, WITHIN } from './stage.ts';
import { openWatched, type WatchedPage } from './watched-page.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
}, 90_000);
afterEach(() => stage.clear());
afterAll(() => stage?.[Symbol.asyncDispose]());

/** The page, live. */
async function open(options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const watched = await openWatched(stage.browser, options);
  await watched.page.goto(`${stage.url}/components`);
  await watched.page.locator('header .connection[data-status=live]').waitFor();
  return watched;
}

const toasts = (page: Page): Promise<string[]> =>
  page.locator('[data-sonner-toast][data-removed=false] .toast__title').allTextContents();

describe('the page', TEST, () => {
  it.each([
    ['a desktop, light, English', { colorScheme: 'light' }],
    ['a desktop, dark, Vietnamese', { colorScheme: 'dark', locale: 'vi-VN' }],
    ['a phone, light, Vietnamese', { ...PHONE, colorScheme: 'light', locale: 'vi-VN' }],
    ['a phone, dark, English', { ...PHONE, colorScheme: 'dark' }],
  ] satisfies [string, BrowserContextOptions][])('on %s fits, and its console stays empty', async (_, options) => {
    const { page, complaints } = await open(options);

    // All of it is used once, so that what complains has its occasion.
    for (const button of await page.locator('#toasts .card').first().locator('button').all()) await button.click();
    await page.locator('#counts input').check();
    await page.locator('header [aria-pressed][aria-label]').last().click();
    await page.locator('#live button').last().click();
    await expect.poll(() => page.locator('link[rel=icon]').getAttribute('href'), WITHIN).toMatch(/^data:image\/png/);

    const { width, content } = await page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      content: document.documentElement.scrollWidth,
    }));
    expect(content).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
  });

  it('is reached from the start page, names itself, and costs the server one connection', async () => {
    const { page } = await openWatched(stage.browser);
    await page.goto(stage.url);
    await page.getByRole('link', { name: 'Components' }).click();

    await page.locator('header .connection[data-status=live]').waitFor();

    await expect.poll(() => page.title(), WITHIN).toBe('Components · Fanfare');
    await expect
      .poll(() => stage.operate('/live/api/stats'), WITHIN)
      .toMatchObject({ connections: 1, subscriptions: 2 });
  });
});

describe('what one visitor does', TEST, () => {
  it('everybody sees: the number, and the toast', async () => {
    const { page: one } = await open();
    const { page: other } = await open({ ...PHONE, locale: 'vi-VN' });
    const number = (page: Page) => page.locator('#live .card').first().locator('.flash');
    await expect.poll(() => number(other).textContent(), WITHIN).toBe('0');

    await one.locator('#live').getByRole('button', { name: 'One more' }).first().click();
    await expect.poll(() => number(other).textContent(), WITHIN).toBe('1');
    await one.locator('#toasts .card').last().getByRole('button', { name: 'Warning' }).click();

    await expect.poll(() => toasts(other), WITHIN).toEqual(['Chú ý: Ai đó trên trang này gửi lời chào']);
    await expect.poll(() => toasts(one), WITHIN).toEqual(['Attention: Somebody on this page says hello']);
    await expect.poll(() => one.locator('#toasts .answer').textContent(), WITHIN).toBe('');
  });

  it('too often is refused beside the button, with what to do', async () => {
    const { page } = await open();
    const card = page.locator('#live .card').first();
    const more = card.getByRole('button', { name: 'One more' });

    // As fast as a page that has gone wrong would, and a visitor cannot; until it is refused, and not for ever.
    await page.evaluate(() => {
      const init = { method: 'POST', headers: { 'Content-Type': 'application/json' }, body: '{"points":5}' };
      const flood = async (): Promise<void> => {
        for (let n = 0; n < 1200 && Reflect.get(window, '__enough') !== true; n += 1)
          await fetch('/api/showcase/dial', init);
      };
      void flood();
    });
    const answer = async (): Promise<string | null> => {
      await more.click();
      return card.locator('[role=status]').textContent();
    };

    await expect.poll(answer, WITHIN).toMatch(/^Not sent: .+/);
    await page.evaluate(() => Reflect.set(window, '__enough', true));
  });
});

describe('the connection badge', TEST, () => {
  it('names what it is connected by', async () => {
    const { page } = await open();

    await expect.poll(() => page.locator('header .connection__wire').textContent(), WITHIN).toBe('WebSocket');
    expect(await page.locator('.own__reason').textContent()).toBe('Every change arrives at once, over WebSocket.');
  });

  it('says that the operator has set polling, by which everything arrives, and that it is live again', async () => {
    const { page } = await open();
    const reason = page.locator('.own__reason');
    try {
      await stage.operate('/live/api/transports', { transports: ['poll'] });

      await page.locator('header .connection[data-status=polling]').waitFor();
      expect(await reason.textContent()).toContain('The operator has set polling.');
      await page.locator('#toasts .card').last().getByRole('button', { name: 'Good' }).click();
      await expect.poll(() => toasts(page), WITHIN).toEqual(['Done: Somebody on this page says hello']);
    } finally {
      await stage.operate('/live/api/transports', { transports: ['ws', 'sse', 'poll'] });
    }

    await page.locator('header .connection[data-status=live]').waitFor();
    await expect.poll(() => reason.textContent(), WITHIN).toBe('Every change arrives at once, over WebSocket.');
  });

  it('says that the network is gone, why, and that it is back', async () => {
    const { page } = await open();
    const own = page.locator('.own');

    await own.getByRole('button', { name: 'No network for 5 s' }).click();

    await own.locator('.connection[data-status=offline]').waitFor();
    expect(await own.locator('.own__reason').textContent()).toContain('no network');
    await own.locator('.connection[data-status=live]').waitFor();
  });

  it('tells its reason within the page, wherever it stands on a phone', async () => {
    const { page } = await open(PHONE);

    for (const badge of [page.locator('header .connection'), page.locator('.own .connection')]) {
      await badge.focus();
      const reason = badge.locator('[role=tooltip]');
      await expect.poll(() => reason.evaluate((node) => getComputedStyle(node).visibility), WITHIN).toBe('visible');
      const { left, right } = await reason.evaluate((node) => {
        const box = node.getBoundingClientRect();
        return { left: box.left, right: box.right };
      });
      expect(left).toBeGreaterThanOrEqual(0);
      expect(right).toBeLessThanOrEqual(360);
    }
  });

  it('shows every status there is', async () => {
    const { page } = await open();

    const shown = await page
      .locator('.sheet .connection')
      .evaluateAll((badges) => badges.map((badge) => badge.getAttribute('data-status')));

    expect([...new Set(shown)].sort()).toEqual(
      ['connecting', 'failed', 'idle', 'live', 'offline', 'polling', 'reconnecting'].sort(),
    );
  });
});

describe('a flash', TEST, () => {
  /** The page, which notes every flash that begins: a busy machine may look only when it is over. */
  async function openNoting(options: BrowserContextOptions = {}): Promise<Page> {
    const { page } = await openWatched(stage.browser, options);
    await page.addInitScript(() => {
      const begun: string[] = [];
      Reflect.set(window, '__flashes', begun);
      document.addEventListener('animationstart', ({ animationName }) => {
        if (animationName.startsWith('flash')) begun.push(animationName);
      });
    });
    await page.goto(`${stage.url}/components`);
    return page;
  }
  const begun = (page: Page): Promise<unknown> => page.evaluate(() => Reflect.get(window, '__flashes'));

  it('begins with a change, anew with the next, and is over', async () => {
    const page = await openNoting();
    const more = page.locator('#live .card').last().getByRole('button', { name: 'One more' });
    await more.waitFor();
    expect(await begun(page)).toEqual([]);

    await more.click();
    await expect.poll(() => begun(page), WITHIN).toEqual(['flash-odd']);
    await more.click();
    await expect.poll(() => begun(page), WITHIN).toEqual(['flash-odd', 'flash-even']);

    await expect.poll(() => page.locator('#live .flash[data-flash]').count(), WITHIN).toBe(0);
  });

  it('is not there for whoever asked for less motion', async () => {
    const page = await openNoting({ reducedMotion: 'reduce' });
    const card = page.locator('#live .card').last();

    await card.getByRole('button', { name: 'One more' }).click();

    await expect.poll(() => card.locator('.flash').textContent(), WITHIN).toBe('8');
    expect(await card.locator('.flash').getAttribute('data-flash')).toBeNull();
    expect(await begun(page)).toEqual([]);
  });
});

describe('toasts', TEST, () => {
  it('are bounded, and dismissed with the keyboard alone', async () => {
    const { page } = await open();
    const twelve = page.getByRole('button', { name: 'Twelve at once' });
    await twelve.focus();
    await page.keyboard.press('Enter');
    await expect.poll(async () => (await toasts(page))[0], WITHIN).toBe('Message 12 of 12');
    await expect.poll(() => toasts(page), WITHIN).toHaveLength(5);

    await page.keyboard.press('Alt+T');
    await page.keyboard.press('Tab');
    for (let left = 4; left >= 0; left -= 1) {
      await page.keyboard.press('Escape');
      await expect.poll(() => toasts(page), WITHIN).toHaveLength(left);
    }

    await expect.poll(() => page.evaluate(() => document.activeElement?.textContent), WITHIN).toBe('Twelve at once');
  });

  it('make a sound only after the visitor wanted it', async () => {
    const { page } = await openWatched(stage.browser);
    await page.addInitScript(() => {
      const Original = window.AudioContext;
      Reflect.set(window, '__sounds', 0);
      window.AudioContext = class extends Original {
        override createOscillator(): OscillatorNode {
          Reflect.set(window, '__sounds', Number(Reflect.get(window, '__sounds')) + 1);
          return super.createOscillator();
        }
      };
    });
    const sounds = (): Promise<unknown> => page.evaluate(() => Reflect.get(window, '__sounds'));
    await page.goto(`${stage.url}/components`);
    await page.getByRole('button', { name: 'Warning' }).first().click();
    await expect.poll(() => toasts(page), WITHIN).toHaveLength(1);
    expect(await sounds()).toBe(0);

    await page.locator('header').getByRole('button', { name: 'Sound and vibration' }).click();

    await expect.poll(sounds, WITHIN).toBe(2);
    await page.reload();
    await page.getByRole('button', { name: 'Warning' }).first().click();
    await expect.poll(sounds, WITHIN).toBe(2);
  });
});

describe('counts', TEST, () => {
  it('stand in the title and on the icon of the tab while they are wanted there', async () => {
    const { page } = await open();
    const icon = (): Promise<string | null> => page.locator('link[rel=icon]').getAttribute('href');
    const own = await icon();

    await page.locator('#counts input').check();
    await expect.poll(() => page.title(), WITHIN).toBe('(3) Components · Fanfare');
    await expect.poll(icon, WITHIN).toMatch(/^data:image\/png/);
    const three = await icon();
    await page.locator('#counts').getByRole('button', { name: '100 more' }).click();
    await expect.poll(() => page.title(), WITHIN).toBe('(99+) Components · Fanfare');
    await expect.poll(icon, WITHIN).not.toBe(three);
    await page.locator('header').getByRole('button', { name: 'Tiếng Việt' }).click();
    await expect.poll(() => page.title(), WITHIN).toBe('(99+) Thành phần · Fanfare');
    await page.locator('#counts input').uncheck();

    await expect.poll(() => page.title(), WITHIN).toBe('Thành phần · Fanfare');
    await expect.poll(icon, WITHIN).toContain(own ?? 'no icon');
  });
});
