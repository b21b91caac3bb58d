/** CSRF: what another site makes a logged-in browser send acts on nothing, on any path of any system that changes something. */
import type { ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startShowcase } from './start.ts';

let server: ServerProcess;
let cookie: string;

beforeAll(async () => {
  server = await startShowcase();
  const answer = await send(
    'POST',
    '/api/login',
    { 'Content-Type': 'application/json' },
    '{"username":"admin","password":"demo"}',
  );
  cookie = (answer.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
});
afterAll(() => server[Symbol.asyncDispose]());

function send(
  method: string,
  path: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<Response> {
  return fetch(server.url + path, { method, headers, redirect: 'manual', ...(body === undefined ? {} : { body }) });
}

/** Each changes something for an administrator, and takes a cookie. */
const CHANGES: readonly (readonly [method: string, path: string, body: string])[] = [
  ['POST', '/api/logout', '{}'],
  ['POST', '/api/showcase/hello', '{"text":"forged"}'],
  ['POST', '/api/courts', '{"name":"forged"}'],
  ['PATCH', '/api/courts/court-1', '{"name":"forged"}'],
  ['POST', '/api/devices/none/verify', '{}'],
  ['POST', '/api/devices/none/block', '{}'],
  ['POST', '/api/court/1234/actions', '{"action":"point","side":0}'],
  ['DELETE', '/api/sse/connections?resource=board:main', ''],
  ['POST', '/api/stream-tickets', '{}'],
  ['POST', '/api/notifications/read-all/', '{}'],
  ['PUT', '/api/notifications/preferences/', '{}'],
  ['POST', '/api/notifications/trigger/', '{}'],
  ['PUT', '/api/notifications/transports/', '{"transports":["poll"]}'],
  ['POST', '/live/tickets', '{}'],
];

/** Each shows what is an administrator's own, and takes a cookie. */
const LOOKS = [
  '/api/notifications/',
  '/api/notifications/stream/',
  '/api/notifications/preferences/',
  '/api/notifications/transports/',
  '/api/sse/connections',
];

/** What a browser says of where a request comes from, by its age and the way it was made to send it. */
const FORGERIES: readonly (readonly [string, Readonly<Record<string, string>>])[] = [
  ['a script of another site', { Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }],
  ['a form of another site', { Origin: 'null', 'Sec-Fetch-Site': 'cross-site' }],
  ['a page on another port', { Origin: 'http://127.0.0.1:1', 'Sec-Fetch-Site': 'same-site' }],
  ['a page that hides its origin', { 'Sec-Fetch-Site': 'cross-site' }],
];

describe.each(FORGERIES)('%s', (_, from) => {
  it.each(LOOKS)('GET %s shows nothing', async (path) => {
    const answer = await send('GET', path, { Cookie: cookie, ...from });

    expect([401, 403]).toContain(answer.status);
    await answer.body?.cancel();
  });

  it.each(CHANGES)('%s %s is refused', async (method, path, body) => {
    const types = ['application/json', 'text/plain', 'application/x-www-form-urlencoded'];
    for (const type of types) {
      const answer = await send(
        method,
        path,
        { Cookie: cookie, 'Content-Type': type, ...from },
        body === '' ? undefined : body,
      );

      expect([401, 403], `${answer.status} ${await answer.text()}`).toContain(answer.status);
    }
  });
});

describe('the same request of our own page', () => {
  it.each(CHANGES.filter(([, path]) => path !== '/api/logout'))(
    '%s %s is not refused for where it comes from',
    async (method, path, body) => {
      const own = { Origin: server.url, 'Sec-Fetch-Site': 'same-origin' };
      const answer = await send(
        method,
        path,
        { Cookie: cookie, 'Content-Type': 'application/json', ...own },
        body === '' ? undefined : body,
      );

      expect([401, 403], `${answer.status} ${await answer.text()}`).not.toContain(answer.status);
    },
  );

  it('is still logged in after all of that, and is not once it logs out', async () => {
    const me = async (): Promise<unknown> => (await send('GET', '/api/me', { Cookie: cookie })).json();
    expect(await me()).toMatchObject({ user: { username: 'admin' } });

    await send('POST', '/api/logout', { Cookie: cookie, Origin: server.url });

    expect(await me()).toMatchObject({ error: { code: 'SESSION_INVALID' } });
  });
});
