/** Bad input: a stable code each, nothing changed, and the process goes on. */
import { request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { errorCode, login, post, type Running, send, snapshotAt, startScoreboard } from './scoreboard-support.ts';

const ACTIONS = '/api/court/1234/actions';

async function raw(running: Running, body: string | Buffer, headers: Record<string, string>): Promise<Response> {
  return fetch(running.url + ACTIONS, { method: 'POST', body: new Uint8Array(Buffer.from(body)), headers });
}

describe('bad input', () => {
  it('to an action is refused with its code and changes nothing', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const json = { ...umpire, 'content-type': 'application/json' };
    const before = await snapshotAt(`${running.url}/api/court/1234`);
    const cases: [string | Buffer, Record<string, string>, number, string][] = [
      ['{"action":', json, 400, 'JSON_INVALID'],
      ['', json, 400, 'BODY_MISSING'],
      ['{"action":"pointA"}', { ...umpire, 'content-type': 'text/plain' }, 415, 'CONTENT_TYPE_UNSUPPORTED'],
      [Buffer.from([0x7b, 0xff, 0x7d]), json, 400, 'JSON_INVALID'],
      ['['.repeat(40) + ']'.repeat(40), json, 400, 'JSON_TOO_DEEP'],
      [JSON.stringify({ action: 'pointA', pad: 'x'.repeat(65 * 1024) }), json, 413, 'BODY_TOO_LARGE'],
      ['{"action":"pointA","__proto__":{"admin":true}}', json, 400, 'FIELD_UNKNOWN'],
      ['{"action":"pointC"}', json, 400, 'FIELD_INVALID'],
      ['{"action":["pointA"]}', json, 400, 'FIELD_INVALID'],
      ['[]', json, 400, 'FIELD_INVALID'],
      ['null', json, 400, 'FIELD_INVALID'],
      ['{"action":"retire","side":2}', json, 400, 'FIELD_INVALID'],
      ['{"action":"pointA","expectedVersion":-1}', json, 400, 'FIELD_INVALID'],
      ['{"action":"pointA","idempotencyKey":"a\\r\\nb"}', json, 400, 'FIELD_INVALID'],
      [`{"action":"pointA","idempotencyKey":"${'k'.repeat(129)}"}`, json, 400, 'FIELD_INVALID'],
      ['{"action":"pointA"}', { ...json, 'if-match': 'W/"one"' }, 400, 'FIELD_INVALID'],
    ];

    for (const [body, headers, status, code] of cases) {
      const refused = await raw(running, body, headers);
      expect([refused.status, await errorCode(refused)], String(body).slice(0, 60)).toEqual([status, code]);
    }
    expect(await snapshotAt(`${running.url}/api/court/1234`)).toEqual(before);
  });

  it('is told what was expected, by the name of the field', async () => {
    await using running = await startScoreboard();
    const [umpire, admin] = [await login(running.url, 'umpire'), await login(running.url, 'admin')];
    const update = '/api/sse/tournaments/t/update';
    const cases: [string, string, unknown, Record<string, unknown>][] = [
      ['POST', ACTIONS, [], { field: 'body', expected: 'object', got: 'an array' }],
      ['POST', ACTIONS, { action: 1 }, { field: 'action', expected: expect.stringMatching(/^one of "pointA"\|/) }],
      [
        'POST',
        ACTIONS,
        { action: 'pointA', expectedVersion: 'x' },
        { field: 'expectedVersion', expected: 'number', got: '"x"' },
      ],
      [
        'POST',
        ACTIONS,
        { action: 'pointA', idempotencyKey: ' ' },
        { field: 'idempotencyKey', expected: '1 to 128 visible ASCII characters' },
      ],
      ['PATCH', '/api/courts/court-1', { pin: 'abcd' }, { field: 'pin', expected: '4 to 8 digits' }],
      [
        'POST',
        update,
        { eventType: 1 },
        { field: 'eventType', expected: expect.stringMatching(/^one of "registration"\|/), got: '1' },
      ],
      [
        'POST',
        update,
        { event: 'match-update', matchId: '' },
        { field: 'matchId', expected: 'letters, digits, _ and -, at most 64' },
      ],
    ];

    for (const [method, path, body, details] of cases) {
      const headers = path === ACTIONS ? umpire : admin;
      const refused = await send(method, running.url + path, { body, headers });
      expect(await refused.json(), JSON.stringify(body)).toMatchObject({ error: { code: 'FIELD_INVALID', details } });
    }
    for (const [body, details] of [
      [{ event: 'party' }, { field: 'event', expected: 'tournament-update, match-update or registration-update' }],
      [
        { eventType: 'bracket-update', changes: { winner: 7 } },
        { field: 'changes.winner', expected: 'a side (0 or 1), a name, or null' },
      ],
    ] as const) {
      const refused = await post(running.url + update, body, admin);
      expect(await refused.json()).toMatchObject({ error: { code: 'FIELD_INVALID', details } });
    }
    for (const [path, field] of [
      [ACTIONS, 'action'],
      [update, 'eventType'],
    ] as const) {
      const refused = await post(running.url + path, {}, path === ACTIONS ? umpire : admin);
      expect(await refused.json()).toMatchObject({ error: { code: 'FIELD_MISSING', details: { field } } });
    }
    const unknown = await send('PATCH', `${running.url}/api/courts/court-1`, {
      body: { colour: 'red' },
      headers: admin,
    });
    expect(await unknown.json()).toMatchObject({ error: { code: 'FIELD_UNKNOWN', details: { field: 'colour' } } });
  });

  it('in a path names nothing and harms nothing', async () => {
    await using running = await startScoreboard();
    const paths: [string, number][] = [
      ['/api/court/12%0D%0A34/status', 404],
      ['/api/court/%00/stream', 404],
      ['/api/court/*/stream', 404],
      ['/api/court/%E0%A4%A/status', 400],
      ['/api/matches/..%2F..%2Fetc/score-stream', 404],
      ['/api/sse/tournaments/a%0Ab/subscribe', 400],
      ['/api/sse/tournaments/a:b/subscribe', 400],
      [`/api/court/${'9'.repeat(4000)}/status`, 404],
      ["/api/court/1234'%20OR%201=1/status", 404],
    ];

    for (const [path, status] of paths) expect([path, await statusOf(running.url, path)]).toEqual([path, status]);
    expect((await fetch(`${running.url}/health`)).status).toBe(200);
  });

  it('as Last-Event-ID is answered in-band, with what is true now', async () => {
    await using running = await startScoreboard();

    for (const id of ['garbage', '%0d%0aevent: forged', 'a.b.c', 'x'.repeat(5000)]) {
      const response = await fetch(`${running.url}/api/court/1234/stream`, { headers: { 'last-event-id': id } });
      const chunk = await response.body?.getReader().read();
      expect(response.status).toBe(200);
      expect(new TextDecoder().decode(chunk?.value)).toMatch(/event: ?init/);
      expect(new TextDecoder().decode(chunk?.value)).not.toMatch(/forged/);
    }
  });

  it('from an organiser is refused too', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    const courts = `${running.url}/api/courts`;
    const bodies: unknown[] = [
      { pin: '12' },
      { pin: 1234 },
      { name: 'Sân\r\nevent: forged' },
      { name: '' },
      { name: 'x'.repeat(81) },
      { match: { names: ['A'] } },
      { match: { names: ['A', 'B'], bestOf: 2 } },
      { pin: '9999', rotatePin: true },
    ];

    for (const body of bodies) {
      const refused = await send('POST', courts, { body, headers: admin });
      expect([refused.status, await errorCode(refused)], JSON.stringify(body)).toEqual([400, 'FIELD_INVALID']);
    }
    const missing = await send('PATCH', `${courts}/court-1`, { body: { matchId: 'none' }, headers: admin });
    expect(await errorCode(missing)).toBe('MATCH_NOT_FOUND');
    const update = `${running.url}/api/sse/tournaments/hanoi-open/update`;
    expect(await errorCode(await post(update, { eventType: 'forged', changes: {} }, admin))).toBe('FIELD_INVALID');
    for (const query of ['limit=0', 'limit=501', 'before=x']) {
      expect((await send('GET', `${running.url}/api/audit?${query}`, { headers: admin })).status).toBe(400);
    }
    expect(((await (await fetch(courts)).json()) as { items: unknown[] }).items).toHaveLength(2);
  });

  it('in a name of a device is refused', async () => {
    await using running = await startScoreboard();

    expect(await errorCode(await post(`${running.url}/api/devices`, { name: 'a\u0000b' }))).toBe('FIELD_INVALID');
  });

  it('by another method is 405', async () => {
    await using running = await startScoreboard();

    const refused = await send('DELETE', `${running.url}/api/scoreboard`);

    expect(refused.status).toBe(405);
    expect(await errorCode(refused)).toBe('METHOD_NOT_ALLOWED');
  });
});

/** fetch would tidy the path before it leaves. */
function statusOf(url: string, path: string): Promise<number> {
  const { hostname, port } = new URL(url);
  return new Promise((resolve, reject) => {
    const sent = request({ hostname, port, path }, (response) => {
      response.destroy();
      resolve(response.statusCode ?? 0);
    });
    sent.on('error', reject);
    sent.end();
  });
}
