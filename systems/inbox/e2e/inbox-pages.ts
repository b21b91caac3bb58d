/** The showcase's server with the inbox on it, and what its pages show: list, badge, toasts. */
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '@fanfare/testkit';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

const SCRIPT = fileURLToPath(new URL('../../showcase/bin/start.js', import.meta.url));
export const API_KEY = 'key-of-the-inbox-tests';
export const WITHIN = { timeout: 30_000 };

/** Of the demo users. */
export const LINH = { id: 5, username: 'spectator' } as const;
export const ANH = { id: 3, username: 'umpire' } as const;
export const HA = { id: 1, username: 'admin' } as const;

export type Person = typeof LINH | typeof ANH | typeof HA;

export function startShowcase(): Promise<ServerProcess> {
  return startServerProcess({ script: SCRIPT, env: { FANFARE_API_KEY: API_KEY }, readyWithinMs: 60_000 });
}

/** A device of the person: a browser of its own, logged in. */
export async function deviceOf(
  browser: Browser,
  person: Person,
  options: { readonly url: string } & BrowserContextOptions,
): Promise<BrowserContext> {
  const { url, ...rest } = options;
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-US', ...rest });
  const answer = await context.request.post(`${url}/api/login`, {
    data: { username: person.username, password: 'demo' },
  });
  if (!answer.ok()) throw new Error(await answer.text());
  return context;
}

/** A tab of the inbox, live. */
export async function openInbox(context: BrowserContext, url: string): Promise<Page> {
  const page = await context.newPage();
  await page.goto(`${url}/inbox`);
  await page.locator('.connection[data-status=live]').waitFor(WITHIN);
  await page.locator('.list, .empty').first().waitFor(WITHIN);
  return page;
}

export interface Shown {
  /** Titles, newest first; one that is unread with a star before it. */
  readonly list: readonly string[];
  readonly badge: string;
  readonly heading: string;
  readonly tab: string;
}

export function shown(page: Page): Promise<Shown> {
  return page.evaluate(() => {
    const text = (selector: string): string => document.querySelector(selector)?.textContent?.trim() ?? '';
    const rows = [...document.querySelectorAll<HTMLElement>('.list .note')];
    return {
      list: rows.map((row) => {
        const title = row.querySelector('.note__title')?.lastChild?.textContent ?? '';
        return `${row.dataset['unread'] === undefined ? '' : '*'}${title}`;
      }),
      badge: text('.bell .count > [aria-hidden]'),
      heading: text('h1'),
      tab: document.title,
    };
  });
}

export interface Trigger {
  readonly user_id?: number;
  readonly user_ids?: readonly number[];
  readonly title: string;
  readonly [field: string]: unknown;
}

/** As a service of the backend does it: until it is answered, with the same key. */
export async function trigger(url: string, body: Trigger): Promise<readonly number[]> {
  const order = JSON.stringify({ idempotency_key: crypto.randomUUID(), ...body });
  for (;;) {
    const answer = await fetch(`${url}/api/notifications/trigger/`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-API-Key': API_KEY },
      body: order,
    }).catch(() => undefined);
    if (answer?.status === 201) {
      const { ids }: { ids: readonly number[] } = await answer.json();
      return ids;
    }
    if (answer !== undefined && answer.status < 500) throw new Error(await answer.text());
    // Nobody listens: ask again when this turn of the loop is over.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

export interface Fates {
  readonly sent: number;
  readonly delivered_live: number;
  readonly delivered_on_reconnect: number;
}

/** Of the type, in the last week. */
export async function fatesOf(admin: BrowserContext, url: string, type: string): Promise<Fates> {
  const answer = await admin.request.get(`${url}/api/notifications/analytics/`);
  const { by_type: byType }: { by_type: readonly (Fates & { readonly type: string })[] } = await answer.json();
  const found = byType.find((fate) => fate.type === type);
  if (found === undefined) throw new Error(`no ${type} in ${JSON.stringify(byType)}`);
  const { sent, delivered_live, delivered_on_reconnect } = found;
  return { sent, delivered_live, delivered_on_reconnect };
}

/** A context whose pages tell everything that a console would say, and what their policy refused. */
export async function watched(context: BrowserContext): Promise<readonly string[]> {
  const complaints: string[] = [];
  await context.exposeFunction('__refused', (what: string) => complaints.push(`policy: ${what}`));
  await context.addInitScript(() => {
    document.addEventListener('securitypolicyviolation', ({ violatedDirective, blockedURI }) => {
      Reflect.get(window, '__refused')(`${violatedDirective} ${blockedURI}`);
    });
  });
  context.on('page', (page) => {
    page.on('console', (message) => complaints.push(`${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => complaints.push(`uncaught: ${error.message}`));
  });
  return complaints;
}
