/** `/audit` as an administrator meets it: what was refused and what was done, looked through and paged, in a real browser. */
import type { BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { PHONE, type Stage, startStage, TEST, WITHIN } from './stage.ts';
import { openWatched, type WatchedPage } from './watched-page.ts';

let stage: Stage;

beforeAll(async () => {
  stage = await startStage();
  // More than a page of refusals, none of them left out though only so many are written down in a second; and two acts.
  for (let n = 0; n < 60; n += 1) await vi.waitUntil(() => isOnRecord(n), WITHIN);
  await stage.operate('/live/api/revoke', { subject: '4711' });
  await stage.operate('/live/api/disconnect', { subject: '4712' });
}, 120_000);
afterEach(() => stage.clear());
afterAll(() => stage?.[Symbol.asyncDispose]());

/** Refuses somebody the inbox of `n`, and looks whether that is on record. */
async function isOnRecord(n: number): Promise<boolean> {
  await fetch(`${stage.url}/live/poll?channel=inbox:${n}`);
  const newest = await stage.operate('/live/api/audit', { trail: 'denials', limit: 1 });
  return JSON.stringify(newest).includes(`inbox:${n}"`);
}

/** The page, for whoever is logged in as `username`. */
async function open(username: string, options: BrowserContextOptions = {}): Promise<WatchedPage> {
  const watched = await openWatched(stage.browser, options);
  const { page } = watched;
  const { ok } = await page.request
    .post(`${stage.url}/api/login`, { data: { username, password: 'demo' } })
    .then((answer) => ({ ok: answer.ok() }));
  expect(ok).toBe(true);
  await page.goto(`${stage.url}/audit`);
  return watched;
}

const entries = (page: Page) => page.locator('.audit__entry');

describe('the audit page', TEST, () => {
  it.each([
    ['1440 light English', { colorScheme: 'light' }],
    ['360 dark Vietnamese', { ...PHONE, colorScheme: 'dark', locale: 'vi-VN' }],
  ] satisfies [string, BrowserContextOptions][])('fits at %s, and its console stays empty', async (name, options) => {
    const { page, complaints } = await open('admin', options);
    await entries(page).first().waitFor(WITHIN);
    await page.locator('header .connection[data-status=live]').waitFor(WITHIN);
    const { width, content } = await page.evaluate(() => ({
      width: document.documentElement.clientWidth,
      content: document.documentElement.scrollWidth,
    }));
    const folder = process.env['SCREENSHOTS'];
    if (folder !== undefined) await page.screenshot({ path: `${folder}/audit-${name.replaceAll(' ', '-')}.png` });

    expect(content).toBeLessThanOrEqual(width);
    expect(complaints).toEqual([]);
  });

  it('shows who was refused, newest first, and goes back to the oldest', async () => {
    const { page } = await open('admin');
    await expect.poll(() => entries(page).count(), WITHIN).toBe(50);
    const newest = await entries(page).first().textContent();

    await page.getByRole('button', { name: 'Older' }).click();
    await expect.poll(() => entries(page).count(), WITHIN).toBeLessThan(50);
    expect(await page.getByRole('button', { name: 'Older' }).isDisabled()).toBe(true);
    expect(await entries(page).last().textContent()).toContain('inbox:0');

    await page.getByRole('button', { name: 'Newest' }).click();
    await expect.poll(() => entries(page).first().textContent(), WITHIN).toBe(newest);
  });

  it('shows what was done, of whom and what one looks for, by keyboard alone', async () => {
    const { page } = await open('admin');
    await page.getByRole('button', { name: 'Done' }).focus();
    await page.keyboard.press('Enter');
    await expect.poll(() => entries(page).allTextContents(), WITHIN).toHaveLength(2);

    await page.getByLabel('What').focus();
    await page.keyboard.type('revoke');
    await page.keyboard.press('Enter');
    await expect.poll(() => entries(page).count(), WITHIN).toBe(1);
    expect(await entries(page).first().textContent()).toContain('user:4711');

    await page.getByLabel('Who').fill('nobody of that name');
    await page.keyboard.press('Enter');
    await page.getByText('Nothing that fits.').waitFor(WITHIN);
    await page.getByRole('button', { name: 'Clear' }).click();
    await expect.poll(() => entries(page).count(), WITHIN).toBe(2);
  });

  it('shows nothing to who is no administrator, and is not reached without a session', async () => {
    const { page } = await open('umpire');
    await page.getByText('Only administrators may read this.').waitFor(WITHIN);
    expect(await entries(page).count()).toBe(0);

    const status = async (headers: Record<string, string> = {}) =>
      (await fetch(`${stage.url}/api/showcase/audit`, { headers })).status;
    expect(await status()).toBe(401);
    expect(await status({ Authorization: 'Bearer nonsense' })).toBe(401);
  });

  it('says what is wrong with a question', async () => {
    const { page } = await open('admin');
    const ask = async (query: string) => {
      const answer = await page.request.get(`${stage.url}/api/showcase/audit?${query}`);
      return [answer.status(), Object(await answer.json()).error?.code];
    };

    for (const query of ['outcome=all', 'limit=0', 'limit=201', 'limit=x', 'before=%00', `who=${'x'.repeat(129)}`]) {
      expect(await ask(query), query).toEqual([400, 'FIELD_INVALID']);
    }
  });
});
