/** Doubles with names as long as they are: what stands at the top of a court's display leaves the rest of it in sight. */
import { fileURLToPath } from 'node:url';
import { launchBrowser, startServerProcess } from '@fanfare/testkit';
import { expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
const WITHIN = { timeout: 20_000 };
const NAMES = [
  'Nguyễn Hoàng Phương Thảo Nguyên / Trần Thị Ngọc Bảo Châu',
  'Công Tằng Tôn Nữ Hoàng Diệu Linh / Phạm-Nguyễn Thị Kim Xuyến',
];

it.each([
  [1440, 900],
  [1024, 768],
  [360, 740],
])('shows court, moment and tools beside one another at %s by %s', { timeout: 90_000 }, async (width, height) => {
  await using server = await startServerProcess({
    script: SCRIPT,
    env: { FANFARE_ENGINE: 'memory' },
    readyWithinMs: 60_000,
  });
  const browser = await launchBrowser();
  try {
    const context = await browser.newContext({ viewport: { width, height }, locale: 'en-US' });
    const ask = async (method: 'POST' | 'PATCH', path: string, data: object): Promise<void> => {
      const answer = await context.request.fetch(server.url + path, { method, data });
      expect(answer.ok(), await answer.text()).toBe(true);
    };
    await ask('POST', '/api/login', { username: 'admin', password: 'demo' });
    const { items } = await (await context.request.get(`${server.url}/api/courts`)).json();
    await ask('PATCH', `/api/courts/${items[0].courtId}`, { match: { names: NAMES } });
    await ask('POST', '/api/court/1234/actions', { action: 'start' });
    for (let n = 0; n < 21; n += 1) await ask('POST', '/api/court/1234/actions', { action: 'pointA' });

    const page = await context.newPage();
    await page.goto(`${server.url}/court/1234/display`);
    await page.getByText('Game to').waitFor(WITHIN);
    await page.locator('.connection[data-status=live]').waitFor(WITHIN);

    const boxes = [];
    for (const part of ['.display__court', '.display__moment', '.connection', '.display__tools .button']) {
      const box = await page.locator(part).boundingBox();
      if (box === null) throw new Error(`${part} is not there`);
      boxes.push({ part, left: box.x, right: box.x + box.width, top: box.y, bottom: box.y + box.height });
    }
    for (const box of boxes) {
      expect(box.left, box.part).toBeGreaterThanOrEqual(0);
      expect(box.right, box.part).toBeLessThanOrEqual(width);
      expect(box.right - box.left, box.part).toBeGreaterThan(30);
      const others = boxes.filter((other) => other !== box && other.top < box.bottom && other.bottom > box.top);
      for (const other of others)
        expect(other.right <= box.left || other.left >= box.right, `${other.part} beside ${box.part}`).toBe(true);
    }
  } finally {
    await browser.close();
  }
});
