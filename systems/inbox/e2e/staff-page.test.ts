/** The staff page in a real browser: send, watch, switch. */
import { launchBrowser, type ServerProcess } from '@fanfare/testkit';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { deviceOf, HA, LINH, openInbox, shown, startShowcase, WITHIN, watched } from './inbox-pages.ts';

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

describe('the staff page', { timeout: 120_000 }, () => {
  it('sends to one, to several and to a role; numbers and plots follow; nobody else gets in', async () => {
    const context = await deviceOf(browser, HA, { url: server.url, viewport: { width: 1440, height: 900 } });
    const complaints = await watched(context);
    const staff = await context.newPage();
    await staff.goto(`${server.url}/inbox/staff`);
    await staff.locator('.uplot canvas').first().waitFor(WITHIN);
    const linh = await openInbox(await deviceOf(browser, LINH, { url: server.url }), server.url);
    const sent = () => staff.locator('.figure', { hasText: 'Sent' }).locator('.figure__value').textContent();
    const before = Number(await sent());

    await staff.getByLabel('Person').selectOption({ label: 'Phạm Gia Linh (spectator)' });
    await staff.getByLabel('Title').fill('To one');
    await staff.getByRole('button', { name: 'Send now' }).click();
    await staff.getByText('Sent to 1 person.').waitFor(WITHIN);
    await staff.getByRole('button', { name: 'Several' }).click();
    await staff.getByLabel('Phạm Gia Linh').check();
    await staff.getByLabel('Trần Quốc Bảo').check();
    await staff.getByLabel('Title').fill('To two');
    await staff.getByRole('button', { name: 'Send now' }).click();
    await staff.getByText('Sent to 2 people.').waitFor(WITHIN);
    await staff.getByRole('button', { name: 'A role' }).click();
    await staff.getByLabel('Everybody with the role').selectOption('spectator');
    await staff.getByLabel('Title').fill('To a role');
    await staff.getByRole('button', { name: 'Send now' }).click();

    await expect
      .poll(async () => (await shown(linh)).list.slice(0, 3), WITHIN)
      .toEqual(['*To a role', '*To two', '*To one']);
    await expect.poll(async () => Number(await sent()), WITHIN).toBe(before + 4);
    expect(await staff.locator('.uplot canvas').count()).toBe(2);
    await staff.getByText('The same as a table').click();
    await expect.poll(() => staff.locator('.plots__table tbody tr').count(), WITHIN).toBeGreaterThan(2);
    await linh.goto(`${server.url}/inbox/staff`);
    await linh.getByRole('heading', { name: 'This page is for staff' }).waitFor(WITHIN);
    expect(complaints).toEqual([]);
    await linh.context().close();
    await context.close();
  });

  it('has each choice in one line of a phone, in Vietnamese', async () => {
    const phone = { url: server.url, viewport: { width: 360, height: 740 } };
    const context = await deviceOf(browser, HA, { ...phone, locale: 'vi-VN' });
    const page = await context.newPage();
    await page.goto(`${server.url}/inbox/staff`);
    await page.getByRole('button', { name: 'Vai trò' }).waitFor(WITHIN);

    const lines = await page.locator('main .choice').evaluateAll((choices) =>
      choices.map((choice) => {
        const options = [...choice.querySelectorAll('.choice__option')];
        return new Set(options.map((option) => option.getBoundingClientRect().top)).size;
      }),
    );

    expect(lines.length).toBeGreaterThan(2);
    expect(new Set(lines)).toEqual(new Set([1]));
    await context.close();
  });

  it('marks the field that cannot be sent, by its label and in its language', async () => {
    const context = await deviceOf(browser, HA, { url: server.url });
    const staff = await context.newPage();
    await staff.goto(`${server.url}/inbox/staff`);
    await staff.getByLabel('Title').fill('Court 2 is free');
    await staff.getByLabel('Link').fill('//elsewhere.example');
    await staff.getByRole('button', { name: 'Send now' }).click();

    await staff.getByRole('alert').filter({ hasText: 'Link (optional): A path of this server' }).waitFor(WITHIN);
    expect(
      await staff.locator('[aria-invalid=true]').evaluateAll((all) => all.map((each) => each.getAttribute('name'))),
    ).toEqual(['url']);
    await context.close();
  });

  it('switches the transports of everybody, live, and shows what is open', async () => {
    const context = await deviceOf(browser, HA, { url: server.url, viewport: { width: 1440, height: 900 } });
    const staff = await context.newPage();
    await staff.goto(`${server.url}/inbox/staff`);
    const linh = await openInbox(await deviceOf(browser, LINH, { url: server.url }), server.url);

    await staff.getByRole('button', { name: 'Polling only' }).click();
    for (const page of [staff, linh])
      await page.locator('.connection[data-status=polling]').waitFor({ timeout: 10_000 });
    await staff.getByRole('button', { name: 'Everything' }).click();

    for (const page of [staff, linh]) await page.locator('.connection[data-status=live]').waitFor(WITHIN);
    await staff.locator('.transports [role=status]', { hasText: /\d ws/ }).waitFor(WITHIN);
    await linh.context().close();
    await context.close();
  });
});
