/** Who tries the umpire's phone is an umpire in one click, as on every page with demo users. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, startServerProcess } from '@fanfare/testkit';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const WITHIN = { timeout: 20_000 };

it('offers the demo users who may keep score, and goes on as whoever was chosen', { timeout: 90_000 }, async () => {
  await using server = await startServerProcess({
    script: SCRIPT,
    env: { FANFARE_ENGINE: 'memory' },
    readyWithinMs: 60_000,
  });
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage({ locale: 'en-US' });
    await page.goto(`${server.url}/court/1234/umpire`);
    const people = page.getByRole('group', { name: 'Or be someone, in one click' });
    await people.waitFor(WITHIN);
    expect(await people.locator('code').allTextContents()).toEqual(['admin', 'organiser', 'umpire']);

    await page.setViewportSize({ width: 360, height: 740 });
    expect(await page.evaluate(() => document.documentElement.scrollHeight)).toBe(740);
    await page.getByRole('button', { name: 'Ask for approval' }).scrollIntoViewIfNeeded(WITHIN);

    await people.getByRole('button', { name: /umpire$/ }).click();

    await page.locator('.device').waitFor({ state: 'detached', ...WITHIN });
  } finally {
    await browser.close();
  }
});
