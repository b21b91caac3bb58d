/** Courts by PIN, and what the organiser does to them. */
import { describe, expect, it } from 'vitest';
import { errorCode, login, post, StreamReader, send, snapshotAt, startScoreboard } from './scoreboard-support.ts';

const COURT_PATHS = ['', '/status', '/stream'];

describe('a PIN', () => {
  it('opens its court', async () => {
    await using running = await startScoreboard();

    const status = await fetch(`${running.url}/api/court/5678/status`);

    expect(status.status).toBe(200);
    expect(await status.json()).toEqual({ pin: '5678', courtId: 'court-2', courtName: 'Sân 2', active: true });
  });

  it.each(COURT_PATHS)('that nobody has is 404 PIN_NOT_FOUND on /api/court/{pin}%s', async (path) => {
    await using running = await startScoreboard();

    const refused = await fetch(`${running.url}/api/court/0000${path}`);

    expect(refused.status).toBe(404);
    expect(await errorCode(refused)).toBe('PIN_NOT_FOUND');
  });

  it('can be tried wrongly a few times, then the address must wait, on every path and channel', async () => {
    let time = 0;
    await using running = await startScoreboard({ monotonic: () => time });
    const umpire = await login(running.url, 'umpire');
    const wrong = () => fetch(`${running.url}/api/court/0000/status`);
    const statuses: number[] = [];
    for (let tries = 0; tries < 21; tries += 1) statuses.push((await wrong()).status);

    expect(statuses).toEqual([...Array(20).fill(404), 429]);
    for (const path of COURT_PATHS) {
      const limited = await fetch(`${running.url}/api/court/1234${path}`);
      expect(limited.status).toBe(429);
      expect(limited.headers.get('retry-after')).toBe('6');
      expect(await errorCode(limited)).toBe('RATE_LIMITED');
    }
    using open = await StreamReader.open(`${running.url}/live/sse?channel=court:1234`);
    expect((await open.first('error')).data).toMatchObject({ code: 'RATE_LIMITED', retry: true });
    expect(open.of('state')).toEqual([]);
    expect((await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, umpire)).status).toBe(200);

    time = 6000;
    expect((await fetch(`${running.url}/api/court/1234/status`)).status).toBe(200);
    expect((await wrong()).status).toBe(404);
    expect((await wrong()).status).toBe(429);
  });

  it('that is wrong is on record as denied, and so is who must wait, on every way to a court, without the PIN', async () => {
    await using running = await startScoreboard({ wrongPins: { burst: 4, perSecond: 0.001 } });
    for (const path of COURT_PATHS) await fetch(`${running.url}/api/court/9871${path}`);
    await fetch(`${running.url}/live/poll?channel=court:9872`);
    await fetch(`${running.url}/live/poll?channel=court:1234`);
    await fetch(`${running.url}/api/court/1234`);
    const denials = async () => (await running.live.audit.read({ trail: 'denials' })).entries;

    await expect.poll(denials).toHaveLength(6);
    const entries = await denials();
    const codes = [...Array(4).fill('PIN_NOT_FOUND'), 'RATE_LIMITED', 'RATE_LIMITED'];
    const asked = { actor: 'nobody', action: 'court-pin', target: 'server' };
    expect(entries.map(({ at, position, ...entry }) => entry)).toEqual(
      codes.map((code) => ({ ...asked, details: { code, address: '127.0.0.1' } })),
    );
  });

  it('that is right is not a verdict against a stream that resumes while its address must wait', async () => {
    let time = 0;
    await using running = await startScoreboard({ monotonic: () => time });
    const stream = `${running.url}/api/court/1234/stream`;
    using before = await StreamReader.open(stream);
    await before.first('init');
    for (let tries = 0; tries < 20; tries += 1) await fetch(`${running.url}/api/court/0000/status`);

    using waiting = await StreamReader.open(stream, { 'last-event-id': before.lastId });

    expect(waiting.response?.status).toBe(200);
    expect((await waiting.first('error')).data).toEqual({
      errorCode: 'RATE_LIMITED',
      message: 'Too many requests: try again in 6 s.',
      details: { seconds: 6 },
      retry: true,
      timestamp: expect.any(Number),
    });
    await expect.poll(() => waiting.ended).toBe(true);
    expect(waiting.retryMs).toBeGreaterThanOrEqual(6000);
    expect(waiting.retryMs).toBeLessThanOrEqual(9000);
    time = 6000;
    using resumed = await StreamReader.open(stream, { 'last-event-id': before.lastId });
    expect((await resumed.first('init')).data).toMatchObject({ score: [0, 0] });
  });

  it('sends the streams of a hall back at different times', async () => {
    await using running = await startScoreboard({ monotonic: () => 0 });
    const stream = `${running.url}/api/court/1234/stream`;
    for (let tries = 0; tries < 20; tries += 1) await fetch(`${running.url}/api/court/0000/status`);

    const answers = await Promise.all(
      Array.from({ length: 20 }, async () => (await fetch(stream, { headers: { 'last-event-id': 'a.1' } })).text()),
    );

    const waits = new Set(answers.map((answer) => /^retry: (\d+)/.exec(answer)?.[1]));
    expect(waits.size).toBeGreaterThan(10);
  });

  it('that has opened the court once opens it again, whatever a guesser at the same address does', async () => {
    await using running = await startScoreboard({ monotonic: () => 0 });
    const first = await fetch(`${running.url}/api/court/1234/status`);
    const setCookie = first.headers.get('set-cookie') ?? '';
    const proof = { cookie: setCookie.split(';')[0] ?? '' };
    for (let tries = 0; tries < 20; tries += 1) await fetch(`${running.url}/api/court/0000/status`);
    const get = async (path: string, headers: Record<string, string>) =>
      (await fetch(running.url + path, { headers })).status;

    using stream = await StreamReader.open(`${running.url}/api/court/1234/stream`, proof);

    expect((await stream.first('init')).data).toMatchObject({ pinCode: '1234' });
    expect(setCookie).toMatch(/; Path=\/api\/court\/1234; HttpOnly; SameSite=Lax$/);
    expect(await get('/api/court/1234', proof)).toBe(200);
    expect(await get('/api/court/1234', {})).toBe(429);
    expect(await get('/api/court/5678', proof)).toBe(429);
    expect(await get('/api/court/1234', { cookie: 'fanfare_court=forged' })).toBe(429);
  });

  it('that was rotated does not count as a guess, so that a hall full of phones is not locked out', async () => {
    await using running = await startScoreboard({ monotonic: () => 0 });
    const admin = await login(running.url, 'admin');
    await send('PATCH', `${running.url}/api/courts/court-1`, { body: { pin: '4321' }, headers: admin });

    for (let phone = 0; phone < 60; phone += 1) {
      const refused = await fetch(`${running.url}/api/court/1234/stream`, { headers: { 'last-event-id': 'a.1' } });
      expect(refused.status).toBe(404);
    }

    expect((await fetch(`${running.url}/api/court/4321/status`)).status).toBe(200);
  });

  it('is guessed by a network, not by each of its IPv6 addresses', async () => {
    await using running = await startScoreboard({ monotonic: () => 0, behindProxy: true });
    const guess = (from: string) =>
      fetch(`${running.url}/api/court/0000/status`, { headers: { 'x-forwarded-for': from } });

    for (let tries = 0; tries < 20; tries += 1) expect((await guess(`2001:db8:0:7::${tries}`)).status).toBe(404);

    expect((await guess('2001:0db8:0000:0007:ffff::1')).status).toBe(429);
    expect((await guess('2001:db8:0:8::1')).status).toBe(404);
    expect((await guess('203.0.113.9')).status).toBe(404);
  });

  it('is not guessed from the many networks of one IPv6 customer', async () => {
    await using running = await startScoreboard({ monotonic: () => 0, behindProxy: true });
    const guess = async (from: string) =>
      (await fetch(`${running.url}/api/court/0000/status`, { headers: { 'x-forwarded-for': from } })).status;
    const statuses = new Set<number>();
    for (let tries = 0; tries < 200; tries += 1)
      statuses.add(await guess(`2001:db8:5:${(tries % 20).toString(16)}::1`));

    expect([...statuses]).toEqual([404]);
    expect(await guess('2001:db8:5:ffff::1')).toBe(429);
    expect(await guess('2001:db8:6::1')).toBe(404);
  });

  it('that is right costs nothing', async () => {
    await using running = await startScoreboard({ monotonic: () => 0 });

    for (let tries = 0; tries < 60; tries += 1) {
      expect((await fetch(`${running.url}/api/court/1234/status`)).status).toBe(200);
    }
  });

  it('guards the court on /live/sse too', async () => {
    await using running = await startScoreboard();
    using court = await StreamReader.open(`${running.url}/live/sse?channel=court:1234`);

    expect((await court.first('state')).data).toMatchObject({
      channel: 'court:1234',
      data: { pinCode: '1234', score: [0, 0] },
    });
    const refused = await fetch(`${running.url}/live/sse?channel=court:0000`);
    expect(refused.status).toBe(404);
    expect(await errorCode(refused)).toBe('PIN_NOT_FOUND');
  });

  it('that is rotated ends the streams of the old one and opens the court under the new one', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    await post(`${running.url}/api/court/1234/actions`, { action: 'pointA' }, admin);
    using own = await StreamReader.open(`${running.url}/api/court/1234/stream`);
    using open = await StreamReader.open(`${running.url}/live/sse?channel=court:1234`);
    await Promise.all([own.first('init'), open.first('state')]);

    const rotated = await send('PATCH', `${running.url}/api/courts/court-1`, { body: { pin: '4321' }, headers: admin });

    expect(await rotated.json()).toMatchObject({ courtId: 'court-1', pin: '4321' });
    await expect.poll(() => own.ended && open.ended).toBe(true);
    expect((await open.first('close')).data).toMatchObject({ reconnect: false });
    expect((await fetch(`${running.url}/api/court/1234`)).status).toBe(404);
    expect(await snapshotAt(`${running.url}/api/court/4321`)).toMatchObject({ score: [1, 0], pinCode: '4321' });
    using renewed = await StreamReader.open(`${running.url}/api/court/4321/stream`);
    expect((await renewed.first('init')).data).toMatchObject({ score: [1, 0], pinCode: '4321' });
  });
});

describe('the courts', () => {
  it('are listed without their PINs, which only the organiser sees', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    const list = async (headers: Record<string, string>) =>
      (
        (await (await send('GET', `${running.url}/api/courts`, { headers })).json()) as {
          items: { courtId: string; pin?: string }[];
        }
      ).items;

    expect((await list({})).map(({ courtId, pin }) => [courtId, pin])).toEqual([
      ['court-1', undefined],
      ['court-2', undefined],
    ]);
    expect((await list(admin)).map(({ pin }) => pin)).toEqual(['1234', '5678']);
    expect(await errorCode(await fetch(`${running.url}/api/courts/none`))).toBe('COURT_NOT_FOUND');
  });

  it('are made by the organiser only, each with a match and a PIN of its own', async () => {
    await using running = await startScoreboard();
    const [admin, umpire] = [await login(running.url, 'admin'), await login(running.url, 'umpire')];
    const body = { name: 'Sân 3', match: { names: ['Trần Hữu Tài', 'Đặng Gia Bảo'], bestOf: 1 } };

    const made = await send('POST', `${running.url}/api/courts`, { body, headers: admin });
    const court = (await made.json()) as { pin: string; courtId: string };

    expect(made.status).toBe(201);
    expect(court.pin).toMatch(/^\d{4}$/);
    expect(await snapshotAt(`${running.url}/api/court/${court.pin}`)).toMatchObject({
      names: body.match.names,
      bestOf: 1,
      matchStatus: 'scheduled',
    });
    expect(await errorCode(await send('POST', `${running.url}/api/courts`, { body, headers: umpire }))).toBe(
      'FORBIDDEN',
    );
    expect(await errorCode(await send('POST', `${running.url}/api/courts`, { body }))).toBe('SESSION_INVALID');
    const taken = await send('PATCH', `${running.url}/api/courts/${court.courtId}`, {
      body: { pin: '5678' },
      headers: admin,
    });
    expect(taken.status).toBe(409);
    expect(await errorCode(taken)).toBe('PIN_TAKEN');
  });

  it('have a PIN also where a new one is told not to rotate it', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');

    const made = await send('POST', `${running.url}/api/courts`, { body: { rotatePin: false }, headers: admin });

    expect(made.status).toBe(201);
    expect(await made.json()).toMatchObject({ pin: expect.stringMatching(/^\d{4}$/) });
  });

  it('show another match at once when the organiser puts one on them', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    using court = await StreamReader.open(`${running.url}/api/court/5678/stream`);
    using board = await StreamReader.open(`${running.url}/api/scoreboard/stream`);
    await Promise.all([court.first('init'), board.first('init')]);

    const body = { match: { names: ['Phạm Cao Hiếu', 'Lê Hải Đức'] }, onMainBoard: true };
    await send('PATCH', `${running.url}/api/courts/court-2`, { body, headers: admin });

    expect((await court.first('update')).data).toMatchObject({ names: ['Phạm Cao Hiếu', 'Lê Hải Đức'], score: [0, 0] });
    const before = (await court.first('update')).data['timestamp'];
    await send('PATCH', `${running.url}/api/courts/court-2`, { body: { matchId: 'match-2' }, headers: admin });
    await expect.poll(() => court.of('update').length).toBe(2);
    expect(court.of('update')[1]?.data['timestamp']).toBeGreaterThanOrEqual(Number(before));
    expect((await board.first('update')).data).toMatchObject({ names: ['Phạm Cao Hiếu', 'Lê Hải Đức'] });
  });
});
