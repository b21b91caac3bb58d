/** The test's end of a harness page: opens it, reads its record, and judges it. */
import { CLEAN, type Handed, judgeDelivery, type Published, type Verdict } from '@fanfare/testkit';
import type { Browser } from 'playwright-core';
import { expect, vi } from 'vitest';
import type { RecordEntry } from './page/record.ts';
import type { Wire } from './wires.ts';

export const DEADLINE = { timeout: 30_000, interval: 20 };

export interface HarnessOptions {
  /** Where the page is fetched from, and connects to. */
  readonly origin: string;
  readonly channel: string;
  /** @default whatever the client tries by itself */
  readonly wire?: Wire;
  /** Further options of createClient that JSON can hold. Tabs share nothing unless they are told to. */
  readonly client?: object;
  /** What the application's token() finds. @default it has none */
  readonly token?: string | undefined;
}

/** What can run code in a page: Playwright's page, or a tab that Playwright does not look after. */
export interface Evaluating {
  evaluate<Result, Arg>(code: (arg: Arg) => Result, arg: Arg): Promise<Awaited<Result>>;
  close(): Promise<void>;
}

export class HarnessPage {
  readonly page: Evaluating;
  readonly wire: Wire | undefined;

  constructor(page: Evaluating, wire: Wire | undefined) {
    this.page = page;
    this.wire = wire;
  }

  close(): Promise<void> {
    return this.page.close();
  }

  record(): Promise<readonly RecordEntry[]> {
    return this.page.evaluate(() => window.harness.record, undefined);
  }

  async handed(): Promise<readonly Handed[]> {
    return (await this.record()).filter((entry) => entry.kind === 'event' || entry.kind === 'lost');
  }

  async payloads(): Promise<readonly string[]> {
    return (await this.record()).flatMap((entry) => (entry.kind === 'event' ? [entry.payload] : []));
  }

  /** Every status that a badge would have shown, in order. */
  async statuses(): Promise<readonly string[]> {
    return (await this.record()).flatMap((entry) => (entry.kind === 'connection' ? [entry.status] : []));
  }

  /** Codes of everything that was given as a reason. */
  async reasons(): Promise<readonly string[]> {
    return (await this.record()).flatMap((entry) =>
      entry.kind === 'connection' && entry.reason !== undefined ? [entry.reason] : [],
    );
  }

  async losses(): Promise<readonly string[]> {
    return (await this.record()).flatMap((entry) => (entry.kind === 'lost' ? [entry.cause] : []));
  }

  /** What the badge shows now. */
  async badge(): Promise<RecordEntry | undefined> {
    return (await this.record()).findLast(({ kind }) => kind === 'connection');
  }

  status(): Promise<string> {
    return this.page.evaluate(() => window.harness.status(), undefined);
  }

  async isSubscribed(): Promise<void> {
    await vi.waitFor(async () => {
      expect(await this.page.evaluate(() => window.harness?.subscribed, undefined)).toBe(true);
    }, DEADLINE);
  }

  /** Waits for events that it has not been handed by now. */
  async getsMore(): Promise<void> {
    const count = (): Promise<number> => this.page.evaluate(() => window.harness.events, undefined);
    const before = await count();
    await vi.waitFor(async () => expect(await count()).toBeGreaterThan(before), DEADLINE);
  }

  async gets(payload: string, deadline = DEADLINE): Promise<void> {
    const isThere = (): Promise<boolean> => this.page.evaluate((one) => window.harness.has(one), payload);
    await vi.waitFor(async () => expect(await isThere(), `${this.wire} was handed ${payload}`).toBe(true), deadline);
  }

  async isClean(published: readonly Published[]): Promise<void> {
    expect(judgeDelivery(published, await this.handed())).toEqual(CLEAN satisfies Verdict);
  }
}

/** In a context of its own: browsers share their six connections to a host between the tabs of one. */
export async function openHarness(browser: Browser, options: HarnessOptions): Promise<HarnessPage> {
  const context = await browser.newContext();
  const page = await context.newPage();
  await page.goto(harnessUrl(options));
  return new HarnessPage(page, options.wire);
}

export function harnessUrl({ origin, channel, wire, client, token }: HarnessOptions): string {
  const transports = wire === undefined ? {} : { transports: [wire] };
  const query = new URLSearchParams({
    channel,
    ...(token && { token }),
    options: JSON.stringify({ tabs: false, ...transports, ...client }),
  });
  return `${origin}/page?${query}`;
}
