/** What the start page stands on: the heartbeat, the demo users, and the greeting that an admin sends. */
import { createClient } from '@fanfare/client';
import type { ServerProcess } from '@fanfare/testkit';
import type { ServerStatus, ShowcaseShapes } from '@fanfare-systems/showcase';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { logIn, post, startShowcase } from './start.ts';

const WITHIN = { timeout: 10_000 };

let server: ServerProcess;
beforeAll(async () => {
  server = await startShowcase();
});
afterAll(() => server[Symbol.asyncDispose]());

describe('the heartbeat', () => {
  it('beats once a second for whoever watches, and counts them', async () => {
    const client = createClient<ShowcaseShapes>({ url: server.url });
    const seen: ServerStatus[] = [];
    client.channel('server:status').on('state', (status) => seen.push(status));

    await expect.poll(() => seen.length, WITHIN).toBeGreaterThanOrEqual(4);

    const uptimes = seen.map(({ uptimeMs }) => uptimeMs);
    expect(uptimes).toEqual([...uptimes].sort((a, b) => a - b));
    const steps = uptimes.slice(2).map((uptime, index) => uptime - (uptimes[index + 1] ?? 0));
    for (const step of steps) expect(step).toBeGreaterThan(500);
    expect(seen.at(-1)).toMatchObject({ connections: 1, subscriptions: 1 });
    expect(seen.at(-1)?.eventsPerSecond).toBeGreaterThanOrEqual(1);
    client.close();
  });
});

describe('the demo users of the page', () => {
  it('are listed without anything secret', async () => {
    const body = await (await fetch(`${server.url}/api/showcase`)).json();

    expect(body.people).toHaveLength(5);
    for (const person of body.people) expect(Object.keys(person).sort()).toEqual(['name', 'roles', 'username']);
  });
});

describe('POST /api/showcase/hello', () => {
  it('publishes an admin’s greeting to everybody who listens', async () => {
    const client = createClient<ShowcaseShapes>({ url: server.url });
    const arrived: unknown[] = [];
    const hello = client.channel('public:hello');
    hello.on('greeting', (data) => arrived.push(data));
    await expect.poll(() => hello.subscription.status, WITHIN).toBe('subscribed');
    const admin = { Authorization: `Bearer ${await logIn(server, 'admin')}` };

    const response = await post(server, '/api/showcase/hello', { text: 'xin chào\r\n\r\nevent: forged' }, admin);

    expect(await response.json()).toMatchObject({ ack: 'committed', duplicate: false });
    await expect
      .poll(() => arrived, WITHIN)
      .toEqual([{ text: 'xin chào\r\n\r\nevent: forged', from: 'Nguyễn Thu Hà' }]);
    client.close();
  });

  it('refuses everybody else, and whatever is no text', async () => {
    const admin = { Authorization: `Bearer ${await logIn(server, 'admin')}` };
    const umpire = { Authorization: `Bearer ${await logIn(server, 'umpire')}` };
    const attempt = async (body: unknown, headers: Readonly<Record<string, string>>): Promise<unknown> => {
      const response = await post(server, '/api/showcase/hello', body, headers);
      return [response.status, (await response.json()).error.code];
    };

    expect(await attempt({ text: 'hi' }, {})).toEqual([401, 'UNAUTHENTICATED']);
    expect(await attempt({ text: 'hi' }, umpire)).toEqual([403, 'FORBIDDEN']);
    for (const body of [{}, { text: '' }, { text: 7 }, { text: 'x'.repeat(201) }, [], null, 'hi']) {
      expect(await attempt(body, admin), JSON.stringify(body)).toEqual([400, 'FIELD_INVALID']);
    }
  });

  it('does not act for another site that the admin’s browser visits', async () => {
    const cookie = `fanfare_session=${await logIn(server, 'admin')}`;

    const forged = await post(
      server,
      '/api/showcase/hello',
      { text: 'hi' },
      { Cookie: cookie, Origin: 'https://evil.example' },
    );
    const own = await post(server, '/api/showcase/hello', { text: 'hi' }, { Cookie: cookie, Origin: server.url });

    expect(forged.status).toBe(401);
    expect(own.status).toBe(200);
  });
});
