/** kill -9 wherever it comes: between a trigger and its delivery, and in the middle of an order to many. */
import { randomInt } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, StreamReader, startServerProcess } from '@fanfare/testkit';
import { expect, it } from 'vitest';
import {
  API_KEY,
  type Headers,
  LINH,
  type Listed,
  list,
  login,
  ok,
  send,
  streamOf,
  type Triggered,
} from './inbox-support.ts';

const CHILD = fileURLToPath(new URL('inbox-child.mjs', import.meta.url));
const STAFF = 600;

const start = (): Promise<ServerProcess> =>
  startServerProcess({ script: CHILD, env: { API_KEY, STAFF: String(STAFF) }, readyWithinMs: 60_000 });

function order(url: string, body: object): Promise<Response | undefined> {
  const headers = { 'x-api-key': API_KEY };
  return send('POST', `${url}/api/notifications/trigger/`, body, headers).catch(() => undefined);
}

/** The same order until it is answered, as a service does it. */
async function orderUntilAnswered(url: string, body: object): Promise<Triggered> {
  for (;;) {
    const answer = await order(url, body);
    if (answer?.status === 201) return (await answer.json()) as Triggered;
    expect([undefined, 503]).toContain(answer?.status);
    // Nobody listens yet: ask again when this turn of the loop is over.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** An EventSource without SDK: comes back with the last id it saw, whenever the stream ends. */
async function follow(url: string, headers: Headers, titles: unknown[], most: number): Promise<void> {
  let lastId = '';
  while (titles.length < most) {
    const from: Headers = lastId === '' ? {} : { 'last-event-id': lastId };
    const reader = await StreamReader.open(streamOf(url), { ...headers, ...from }).catch(() => undefined);
    if (reader === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    const seen = () => reader.of('notification').map(({ data }) => data['title']);
    await expect.poll(() => reader.ended || titles.length + seen().length >= most, { timeout: 30_000 }).toBe(true);
    titles.push(...seen());
    lastId = reader.lastId === '' ? lastId : reader.lastId;
    reader.close();
  }
}

it('loses nothing between trigger and delivery, tells each once and in order, and knows how each arrived', {
  timeout: 120_000,
}, async () => {
  await using server = await start();
  const { bearer } = await login(server.url, 'spectator');
  const admin = await login(server.url, 'admin');
  const titles: unknown[] = [];
  const rounds = 60;
  const following = follow(server.url, bearer, titles, rounds);
  // Only what is sent from the first connect on is its to follow.
  await expect
    .poll(() => ok(send('GET', `${server.url}/api/notifications/transports/`, undefined, admin.bearer)))
    .toMatchObject({ connections: { inbox: 1 } });

  const crashes: Promise<void>[] = [];
  for (let n = 1; n <= rounds; n += 1) {
    const sent = orderUntilAnswered(server.url, { user_id: LINH, title: `${n}`, idempotency_key: `k${n}` });
    // Some ticks into the request: before its commit, between commit and delivery, or after both.
    if (n % 12 === 0) {
      for (let tick = randomInt(60); tick > 0; tick -= 1) await new Promise((resolve) => setImmediate(resolve));
      crashes.push(server.crashAndRestart());
    }
    await sent;
  }
  await Promise.all(crashes);
  await following;

  const expected = Array.from({ length: rounds }, (_, index) => `${index + 1}`);
  expect(titles).toEqual(expected);
  const listed: Listed = await list(server.url, bearer, '?limit=100');
  expect(listed.items.map(({ title }) => title).reverse()).toEqual(expected);
  expect(listed.unread).toBe(rounds);
  await expect
    .poll(async () => {
      const analytics = await ok<{ totals: { delivered_live: number; delivered_on_reconnect: number } }>(
        send('GET', `${server.url}/api/notifications/analytics/`, undefined, admin.bearer),
      );
      return analytics.totals.delivered_live + analytics.totals.delivered_on_reconnect;
    })
    .toBe(rounds);
});

it('killed in the middle of an order to 600, sent again with its key: nobody is left out, and nobody is told twice', {
  timeout: 120_000,
}, async () => {
  await using server = await start();
  const interrupted: Triggered[] = [];
  const titles: string[] = [];

  // Where the machine is quick, the order is through before the kill: then once more.
  for (let attempt = 1; interrupted.length === 0 && attempt <= 5; attempt += 1) {
    const all = { role: 'staff', title: `To all ${attempt}`, idempotency_key: `all-${attempt}` };
    const first = await login(server.url, 'staff-0');
    using stream = await StreamReader.open(streamOf(server.url), first.bearer);
    await stream.first('unread');
    const cut = order(server.url, all);
    // The first hundred have it.
    await stream.first('notification');
    await server.stop('SIGKILL');
    await cut;
    await server.start();
    const again = await orderUntilAnswered(server.url, all);
    titles.unshift(all.title);

    expect(again.duplicates).toBeGreaterThanOrEqual(100);
    expect(again.sent + again.duplicates).toBe(STAFF);
    expect(new Set(again.ids).size).toBe(STAFF);
    if (again.sent > 0) interrupted.push(again);
  }

  expect(interrupted).toHaveLength(1);
  for (const username of ['staff-0', `staff-${STAFF - 1}`]) {
    const { bearer } = await login(server.url, username);
    expect((await list(server.url, bearer)).items.map(({ title }) => title)).toEqual(titles);
  }
});
