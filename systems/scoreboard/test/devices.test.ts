/** Who may score: sessions, devices, and the organiser's decision about them. */
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { describe, expect, it } from 'vitest';
import { errorCode, login, post, send, snapshotAt, startScoreboard } from './scoreboard-support.ts';

describe('an action', () => {
  it('without a session is 401 SESSION_INVALID', async () => {
    await using running = await startScoreboard();

    for (const path of ['/api/scoreboard/actions', '/api/court/1234/actions']) {
      const refused = await post(running.url + path, { action: 'pointA' });
      expect(refused.status).toBe(401);
      expect(await errorCode(refused)).toBe('SESSION_INVALID');
    }
    const forged = await post(
      `${running.url}/api/scoreboard/actions`,
      { action: 'pointA' },
      { 'x-device-token': 'guess' },
    );
    expect(await errorCode(forged)).toBe('SESSION_INVALID');
  });

  it('of a user who is no umpire is 403 DEVICE_NOT_VERIFIED', async () => {
    await using running = await startScoreboard();
    const spectator = await login(running.url, 'spectator');

    const refused = await post(`${running.url}/api/scoreboard/actions`, { action: 'pointA' }, spectator);

    expect(refused.status).toBe(403);
    expect(await errorCode(refused)).toBe('DEVICE_NOT_VERIFIED');
  });
});

describe('a device', () => {
  it('asks, waits, is approved, scores, and is blocked', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    const asked = await post(`${running.url}/api/devices`, { name: 'Điện thoại của Hùng' });
    const { id, token, ...rest } = (await asked.json()) as { id: string; token: string };
    const cookie = { cookie: (asked.headers.get('set-cookie') ?? '').split(';')[0] ?? '' };
    const act = (headers: Record<string, string>) =>
      post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, headers);
    const decide = (verb: string, headers: Record<string, string>) =>
      post(`${running.url}/api/devices/${id}/${verb}`, {}, headers);

    expect(asked.status).toBe(201);
    expect(rest).toEqual({ name: 'Điện thoại của Hùng', status: 'pending', createdAt: expect.any(Number) });
    expect(asked.headers.get('set-cookie')).toMatch(/HttpOnly; SameSite=Lax/);
    expect(await errorCode(await act(cookie))).toBe('DEVICE_NOT_VERIFIED');
    expect(await errorCode(await decide('verify', cookie))).toBe('SESSION_INVALID');

    expect(await (await decide('verify', admin)).json()).toMatchObject({ id, status: 'verified' });
    expect((await act(cookie)).status).toBe(200);
    expect((await act({ 'x-device-token': token })).status).toBe(200);
    expect(await (await send('GET', `${running.url}/api/devices/me`, { headers: cookie })).json()).toMatchObject({
      id,
      status: 'verified',
    });

    await decide('block', admin);
    expect(await errorCode(await act(cookie))).toBe('DEVICE_BLOCKED');
    expect(await errorCode(await act({ ...admin, 'x-device-token': token }))).toBe('DEVICE_BLOCKED');
    expect(await errorCode(await post(`${running.url}/api/devices/none/verify`, {}, admin))).toBe('DEVICE_NOT_FOUND');
  });

  it('of an umpire exists from the first tap, and can be blocked like any other', async () => {
    await using running = await startScoreboard();
    const [admin, umpire] = [await login(running.url, 'admin'), await login(running.url, 'umpire')];
    expect((await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, umpire)).status).toBe(200);

    const list = (await (await send('GET', `${running.url}/api/devices`, { headers: admin })).json()) as {
      items: { id: string; name: string; status: string }[];
    };
    const [device] = list.items;
    await post(`${running.url}/api/devices/${device?.id}/block`, {}, admin);

    expect(device).toMatchObject({ name: 'Lê Minh Anh', status: 'verified' });
    expect(await errorCode(await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, umpire))).toBe(
      'DEVICE_BLOCKED',
    );
  });

  it('cannot be asked for without end', async () => {
    await using running = await startScoreboard({ monotonic: () => 0 });

    for (let asked = 0; asked < 10; asked += 1) expect((await post(`${running.url}/api/devices`, {})).status).toBe(201);

    const refused = await post(`${running.url}/api/devices`, {});
    expect(refused.status).toBe(429);
    expect(refused.headers.get('retry-after')).toBe('30');
  });

  it('is asked for by a network, not by each of its IPv6 addresses', async () => {
    await using running = await startScoreboard({ monotonic: () => 0, behindProxy: true });
    const ask = (from: string) => post(`${running.url}/api/devices`, {}, { 'x-forwarded-for': from });

    for (let asked = 0; asked < 10; asked += 1) expect((await ask(`2001:db8:0:7::${asked}`)).status).toBe(201);

    expect((await ask('2001:db8:0:7:ffff::1')).status).toBe(429);
    expect((await ask('2001:db8:0:8::1')).status).toBe(201);
  });

  it('that still waits does not hide the login of an umpire beside it', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const asked = (await (await post(`${running.url}/api/devices`, {})).json()) as { token: string };
    const both = { ...umpire, 'x-device-token': asked.token };
    const me = async (headers: Record<string, string>) =>
      (await (await send('GET', `${running.url}/api/devices/me`, { headers })).json()) as { status: string };

    expect((await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, both)).status).toBe(200);

    expect(await me(both)).toMatchObject({ status: 'verified', name: 'Lê Minh Anh' });
    expect(await me({ 'x-device-token': asked.token })).toMatchObject({ status: 'pending' });
  });

  it('does not score for another site that makes its browser send the cookie', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    const asked = await post(`${running.url}/api/devices`, {});
    const { id } = (await asked.json()) as { id: string };
    const cookie = (asked.headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    await post(`${running.url}/api/devices/${id}/verify`, {}, admin);
    const act = (headers: Record<string, string>) =>
      post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, { cookie, ...headers });

    expect(await errorCode(await act({ origin: 'https://evil.example' }))).toBe('SESSION_INVALID');
    expect(await errorCode(await act({ 'sec-fetch-site': 'cross-site' }))).toBe('SESSION_INVALID');
    expect((await act({ origin: running.url })).status).toBe(200);
  });

  it('that is blocked while its tap is on the way does not score', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    const { id, token } = (await (await post(`${running.url}/api/devices`, {})).json()) as {
      id: string;
      token: string;
    };
    await post(`${running.url}/api/devices/${id}/verify`, {}, admin);

    for (const path of ['/api/court/1234/actions', '/api/scoreboard/actions']) {
      await post(`${running.url}/api/devices/${id}/verify`, {}, admin);
      const headers = { 'content-type': 'application/json', 'x-device-token': token, expect: '100-continue' };
      const slow = request(running.url + path, { method: 'POST', headers });
      // The handler runs: Node sends the 100 and calls it in the same moment.
      slow.flushHeaders();
      await once(slow, 'continue');
      await post(`${running.url}/api/devices/${id}/block`, {}, admin);

      slow.end('{"action":"pointA"}');

      const [answer] = (await once(slow, 'response')) as [IncomingMessage];
      answer.resume();
      expect(answer.statusCode, path).toBe(403);
    }
    expect(await snapshotAt(`${running.url}/api/scoreboard`)).toMatchObject({ score: [0, 0] });
  });

  it('keeps its cookie to TLS where the browser came over it', async () => {
    await using running = await startScoreboard({ behindProxy: true });
    const cookieOf = (response: Response) => response.headers.get('set-cookie');
    const overTls = { 'x-forwarded-proto': 'https' };

    expect(cookieOf(await post(`${running.url}/api/devices`, {}, overTls))).toMatch(/; Secure$/);
    expect(cookieOf(await fetch(`${running.url}/api/court/1234`, { headers: overTls }))).toMatch(/; Secure$/);
    expect(cookieOf(await post(`${running.url}/api/devices`, {}))).not.toContain('Secure');
  });

  it('list is the organiser’s', async () => {
    await using running = await startScoreboard();

    expect(await errorCode(await send('GET', `${running.url}/api/devices`))).toBe('SESSION_INVALID');
    expect(await errorCode(await send('GET', `${running.url}/api/devices/me`))).toBe('SESSION_INVALID');
  });
});
