/** Every error of the contract, in both languages, against a running server; none of them changes anything. */
import { readFile } from 'node:fs/promises';
import { INBOX_ERRORS } from '@fanfare-systems/inbox';
import { expect, it } from 'vitest';
import { ADMIN, BAO, KEY, LINH, list, login, send, startInbox, trigger } from './inbox-support.ts';

const LIST = '/api/notifications/';
const STREAM = '/api/notifications/stream/';
const TRIGGER = '/api/notifications/trigger/';
const PREFERENCES = '/api/notifications/preferences/';
const ANALYTICS = '/api/notifications/analytics/';
const TRANSPORTS = '/api/notifications/transports/';
const READ_ALL = '/api/notifications/read-all/';
const fits = { user_id: LINH, title: 'Hi' };
const deep: unknown = JSON.parse('['.repeat(40) + ']'.repeat(40));

type Case = readonly [who: string, method: string, path: string, body: unknown, status: number, code: string];

const CASES: readonly Case[] = [
  ...[LIST, STREAM, PREFERENCES, ANALYTICS, TRANSPORTS].map(
    (path): Case => ['nobody', 'GET', path, undefined, 401, 'UNAUTHENTICATED'],
  ),
  ['nobody', 'POST', TRIGGER, fits, 401, 'UNAUTHENTICATED'],
  ['nobody', 'POST', READ_ALL, undefined, 401, 'UNAUTHENTICATED'],
  ['nobody', 'POST', '/api/notifications/1/read/', undefined, 401, 'UNAUTHENTICATED'],
  ['nobody', 'PUT', PREFERENCES, {}, 401, 'UNAUTHENTICATED'],
  ['wrong-key', 'POST', TRIGGER, fits, 401, 'UNAUTHENTICATED'],
  ['wrong-token', 'GET', STREAM, undefined, 401, 'UNAUTHENTICATED'],
  ['spectator', 'POST', TRIGGER, fits, 403, 'FORBIDDEN'],
  ['spectator', 'GET', ANALYTICS, undefined, 403, 'FORBIDDEN'],
  ['spectator', 'GET', TRANSPORTS, undefined, 403, 'FORBIDDEN'],
  ['spectator', 'PUT', TRANSPORTS, { transports: ['poll'] }, 403, 'FORBIDDEN'],
  ['spectator', 'GET', '/api/notifications/recipients/', undefined, 403, 'FORBIDDEN'],
  ['organiser', 'POST', TRIGGER, fits, 403, 'FORBIDDEN'],
  ['spectator', 'POST', '/api/notifications/999/read/', undefined, 404, 'NOTIFICATION_NOT_FOUND'],
  ['spectator', 'POST', '/api/notifications/abc/read/', undefined, 404, 'NOTIFICATION_NOT_FOUND'],
  ['organiser', 'POST', '/api/notifications/1/read/', undefined, 404, 'NOTIFICATION_NOT_FOUND'],
  ['spectator', 'GET', `${LIST}?limit=0`, undefined, 400, 'FIELD_INVALID'],
  ['spectator', 'GET', `${LIST}?limit=101`, undefined, 400, 'FIELD_INVALID'],
  ['spectator', 'GET', `${LIST}?before=x`, undefined, 400, 'FIELD_INVALID'],
  ['spectator', 'GET', `${LIST}?unread=maybe`, undefined, 400, 'FIELD_INVALID'],
  ['spectator', 'POST', READ_ALL, { up_to: 0 }, 400, 'FIELD_INVALID'],
  ['spectator', 'POST', READ_ALL, { upto: 3 }, 400, 'FIELD_UNKNOWN'],
  ['spectator', 'PUT', PREFERENCES, { types: { info: { on: 'yes' } } }, 400, 'FIELD_INVALID'],
  ['spectator', 'PUT', PREFERENCES, { types: { alarm: { on: true } } }, 400, 'FIELD_UNKNOWN'],
  ['spectator', 'PUT', PREFERENCES, { quiet_hours: { from: '24:00' } }, 400, 'FIELD_INVALID'],
  ['spectator', 'PUT', PREFERENCES, { quiet_hours: { time_zone: 'Mars/Base' } }, 400, 'FIELD_INVALID'],
  ['spectator', 'DELETE', LIST, undefined, 405, 'METHOD_NOT_ALLOWED'],
  ['key', 'POST', TRIGGER, undefined, 400, 'BODY_MISSING'],
  ['key', 'POST', TRIGGER, [], 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { title: 'to whom?' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, role: 'admin' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { user_id: LINH }, 400, 'FIELD_MISSING'],
  ['key', 'POST', TRIGGER, { ...fits, title: '  ' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, title: 'x'.repeat(201) }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, title: 'two\nlines' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, message: 'x'.repeat(4001) }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, message: 'a\u0000b' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, type: 'alarm' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, url: 'javascript:alert(1)' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, url: '//elsewhere.example' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, url: '/\\elsewhere.example' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, data: 'x'.repeat(17_000) }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, data: deep }, 400, 'JSON_TOO_DEEP'],
  ['key', 'POST', TRIGGER, { ...fits, extra: 1 }, 400, 'FIELD_UNKNOWN'],
  ['key', 'POST', TRIGGER, { ...fits, user_id: '5' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { ...fits, idempotency_key: 'a b' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { title: 'x', user_ids: [] }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { title: 'x', role: 'boss' }, 400, 'FIELD_INVALID'],
  ['key', 'POST', TRIGGER, { title: 'x', user_ids: [LINH, 99] }, 404, 'USER_NOT_FOUND'],
  ['key', 'POST', TRIGGER, { ...fits, title: 'Another', idempotency_key: 'k1' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
  ['key', 'POST', TRIGGER, { ...fits, url: '/elsewhere', idempotency_key: 'k1' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
  ['key', 'POST', TRIGGER, { ...fits, data: { order: 8 }, idempotency_key: 'k1' }, 409, 'IDEMPOTENCY_KEY_REUSED'],
  ['admin', 'GET', `${ANALYTICS}?days=91`, undefined, 400, 'FIELD_INVALID'],
  ['admin', 'GET', `${ANALYTICS}?time_zone=Nowhere`, undefined, 400, 'FIELD_INVALID'],
  ['admin', 'PUT', TRANSPORTS, { transports: [] }, 400, 'FIELD_INVALID'],
  ['admin', 'PUT', TRANSPORTS, { transports: ['pigeon'] }, 400, 'FIELD_INVALID'],
];

it('refuses with the code, in the reader’s language, and changes nothing', { timeout: 60_000 }, async () => {
  await using running = await startInbox();
  const headers: Record<string, Record<string, string>> = {
    nobody: {},
    key: { ...KEY },
    'wrong-key': { 'x-api-key': 'wrong' },
    'wrong-token': { authorization: 'Bearer wrong' },
  };
  for (const name of ['admin', 'spectator', 'organiser'])
    headers[name] = { ...(await login(running.url, name)).bearer };
  await trigger(running.url, { ...fits, idempotency_key: 'k1' });
  const facts = async () => ({
    lists: await Promise.all(['admin', 'spectator', 'organiser'].map((name) => list(running.url, headers[name] ?? {}))),
    preferences: await (await send('GET', running.url + PREFERENCES, undefined, headers['spectator'])).json(),
    events: await running.live.channel(`inbox:${LINH}`).history(),
    transports: running.live.transports,
  });
  const before = await facts();

  for (const [who, method, path, body, status, code] of CASES) {
    const messages = [];
    for (const language of ['en', 'vi']) {
      const answer = await send(method, running.url + path, body, { ...headers[who], 'accept-language': language });
      const about = `${who} ${method} ${path} ${JSON.stringify(body)?.slice(0, 80)}`;
      const { error } = (await answer.json()) as { error: { code: string; message: string } };
      expect({ about, status: answer.status, code: error.code }).toEqual({ about, status, code });
      messages.push(error.message);
    }
    expect(messages[0], path).not.toBe(messages[1]);
    if (code === 'FIELD_INVALID') expect(messages[1], 'no English').toMatch(/^Một trường không hợp lệ: [\w.]+\.$/);
    expect(messages.join(), 'no words of a library').not.toMatch(
      /Invalid input|Expected a string, got|undefined|what was sent/,
    );
  }

  expect(await facts()).toEqual(before);
  expect(running.faults).toEqual([]);
});

it('lets a cookie do nothing for the page of another site', async () => {
  await using running = await startInbox();
  const { cookie } = await login(running.url, 'admin');
  const foreign = { ...cookie, origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' };

  expect((await send('POST', running.url + TRIGGER, { user_id: BAO, title: 'x' }, foreign)).status).toBe(401);
  expect((await send('PUT', running.url + PREFERENCES, {}, foreign)).status).toBe(401);
  expect((await send('POST', running.url + READ_ALL, undefined, foreign)).status).toBe(401);
});

it('keeps the channels of one user from every other, staff included, and from being written by clients', async () => {
  await using running = await startInbox();
  const admin = await login(running.url, 'admin');
  const linh = await login(running.url, 'spectator');
  const poll = async (channel: string, headers: Record<string, string>) =>
    (await send('GET', `${running.url}/live/poll?channel=${channel}`, undefined, headers)).status;

  expect(await poll(`inbox:${LINH}`, { ...linh.bearer })).toBe(200);
  expect(await poll(`inbox:${LINH}`, { ...admin.bearer })).toBe(403);
  expect(await poll(`inbox-unread:${LINH}`, { ...admin.bearer })).toBe(403);
  expect(await poll(`inbox:${ADMIN}`, { ...linh.bearer })).toBe(403);
  expect(await poll(`inbox:${LINH}`, {})).toBe(401);
  expect(await poll('inbox-counters', { ...linh.bearer })).toBe(403);
  expect(await poll('inbox-counters', { ...admin.bearer })).toBe(200);
});

it('names every code of its own in its document, with a message in both languages', async () => {
  const page = await readFile(new URL('../../../docs/systems/inbox.md', import.meta.url), 'utf8');
  for (const [code, { status, en, vi }] of Object.entries(INBOX_ERRORS)) {
    expect(page, code).toContain(`${status} `);
    expect(page, code).toContain(`\`${code}\``);
    expect(vi).not.toBe(en);
  }
});
