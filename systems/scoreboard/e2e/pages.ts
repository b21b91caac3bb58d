/** What the browser tests need of the pages: who scores, what a board shows, and what came over the wire. */
import type { Browser, BrowserContext, Page } from 'playwright-core';

declare global {
  interface Window {
    /** `channel@position` of every event that reached the page over a live stream, in order. */
    __arrived: string[];
    /** Set once per document: gone after a reload. */
    __born: number;
  }
}

/** Runs in the page before its own code: listens in on every wire, without touching what the page gets. */
function recordArrivals(): void {
  window.__arrived = [];
  window.__born = Math.random();
  const note = (json: string | undefined): void => {
    const frame: unknown = json === undefined ? undefined : JSON.parse(json);
    if (typeof frame !== 'object' || frame === null || !('type' in frame) || frame.type !== 'event') return;
    if ('channel' in frame && 'position' in frame) window.__arrived.push(`${frame.channel}@${frame.position}`);
  };
  window.WebSocket = class extends WebSocket {
    constructor(url: string | URL, protocols?: string | string[]) {
      super(url, protocols);
      this.addEventListener('message', ({ data }) => note(String(data)));
    }
  };
  const original = window.fetch;
  const record = async (body: ReadableStream<Uint8Array>): Promise<void> => {
    const text = new TextDecoder();
    let rest = '';
    const reader = body.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      rest += text.decode(value, { stream: true });
      const blocks = rest.split('\n\n');
      rest = blocks.pop() ?? '';
      for (const block of blocks) note(/^data: (.*)$/m.exec(block)?.[1]);
    }
  };
  window.fetch = async (input, init) => {
    const response = await original(input, init);
    if (!(response.headers.get('content-type') ?? '').startsWith('text/event-stream') || response.body === null)
      return response;
    const [forPage, forRecord] = response.body.tee();
    record(forRecord).catch(() => undefined); // The stream was cut: that is what the test does.
    return new Response(forPage, { status: response.status, headers: response.headers });
  };
}

export async function newContext(
  browser: Browser,
  viewport: { readonly width: number; readonly height: number },
): Promise<BrowserContext> {
  const context = await browser.newContext({ viewport, locale: 'en-US' });
  await context.addInitScript(recordArrivals);
  return context;
}

/** The umpire's phone, logged in through the page's own form, ready to score. */
export async function openUmpire(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/court/1234/umpire`);
  await page.getByLabel('User name').fill('umpire');
  await page.getByLabel('Password').fill('demo');
  await page.getByRole('button', { name: 'Log in' }).click();
  await page.locator('.pad__half[data-side=a][aria-disabled=false]').waitFor();
  return page;
}

export async function openBoard(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/court/1234`);
  await page.locator('.side__score').first().waitFor();
  return page;
}

/** Points shown, side A first, and the games won: `9–9 (1–0)`. */
export function shownOnBoard(page: Page): Promise<string> {
  return page.evaluate(() => {
    const texts = (selector: string): string => {
      const [a, b] = [...document.querySelectorAll(selector)].map((node) => node.textContent);
      return `${a}–${b}`;
    };
    const won = [...document.querySelectorAll('.side')].map((side) => side.querySelectorAll('.pip[data-won]').length);
    return `${texts('.side__score')} (${won.join('–')})`;
  });
}

export function shownOnPad(page: Page): Promise<string> {
  return page.evaluate(() => {
    const half = (side: string): Element | null => document.querySelector(`.pad__half[data-side=${side}]`);
    const points = ['a', 'b'].map((side) => half(side)?.querySelector('.pad__score')?.textContent);
    const won = ['a', 'b'].map((side) => half(side)?.querySelectorAll('.pip[data-won]').length);
    return `${points.join('–')} (${won.join('–')})`;
  });
}
