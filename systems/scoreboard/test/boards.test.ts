/** The main board and the courts: snapshot, stream, actions. */
import { describe, expect, it } from 'vitest';
import {
  crashImage,
  errorCode,
  login,
  post,
  type Running,
  StreamReader,
  send,
  snapshotAt,
  startScoreboard,
} from './scoreboard-support.ts';

const SNAPSHOT_KEYS = [
  'score',
  'games',
  'gameNumber',
  'server',
  'names',
  'bestOf',
  'gameScores',
  'matchStatus',
  'lastAction',
  'timestamp',
  'matchId',
  'version',
  'gameOver',
  'endsSwapped',
];

async function act(running: Running, body: object, headers: Record<string, string>): Promise<Response> {
  return post(`${running.url}/api/court/1234/actions`, body, headers);
}

describe('a board', () => {
  it('answers its snapshot with the exact keys, and 304 to who has it', async () => {
    await using running = await startScoreboard();

    const response = await fetch(`${running.url}/api/scoreboard`);
    const again = await fetch(`${running.url}/api/scoreboard`, {
      headers: { 'if-none-match': response.headers.get('etag') ?? '' },
    });
    const body = (await response.json()) as object;

    expect(Object.keys(body).sort()).toEqual([...SNAPSHOT_KEYS].sort());
    expect(body).toMatchObject({
      score: [0, 0],
      games: [0, 0],
      gameNumber: 1,
      server: 0,
      matchStatus: 'live',
      bestOf: 3,
    });
    expect(again.status).toBe(304);
    expect(await again.text()).toBe('');
  });

  it('adds pinCode and courtId only on the paths of a court', async () => {
    await using running = await startScoreboard();

    const court = await snapshotAt(`${running.url}/api/court/1234`);
    const match = await snapshotAt(`${running.url}/api/matches/match-1`);

    expect(court).toMatchObject({ pinCode: '1234', courtId: 'court-1' });
    expect(match).not.toHaveProperty('pinCode');
    expect(Object.keys(court).sort()).toEqual([...SNAPSHOT_KEYS, 'pinCode', 'courtId'].sort());
  });

  it('shows an action on every stream that shows its match', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    using board = await StreamReader.open(`${running.url}/api/scoreboard/stream`);
    using court = await StreamReader.open(`${running.url}/api/court/1234/stream`);
    using other = await StreamReader.open(`${running.url}/api/court/5678/stream`);
    await Promise.all([board.first('init'), court.first('init'), other.first('init')]);

    const answer = await act(running, { action: 'pointB' }, umpire);

    expect(answer.status).toBe(200);
    const snapshot = await answer.json();
    expect(snapshot).toMatchObject({ score: [0, 1], server: 1, lastAction: 'pointB', undoLabel: 'pointB', version: 2 });
    expect((await court.first('update')).data).toEqual(snapshot);
    expect((await board.first('update')).data).toMatchObject({ score: [0, 1] });
    expect((await board.first('update')).data).not.toHaveProperty('pinCode');
    expect(other.of('update')).toEqual([]);
    expect(board.response?.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(board.retryMs).toBeGreaterThanOrEqual(1000);
  });

  it('scores through the main board as well', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');

    const answer = await post(`${running.url}/api/scoreboard/actions`, { action: 'pointA' }, umpire);

    expect(await answer.json()).toMatchObject({ score: [1, 0] });
    expect(await snapshotAt(`${running.url}/api/court/1234`)).toMatchObject({ score: [1, 0] });
  });

  it('begins every connect with init, also one that resumes', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const before = await StreamReader.open(`${running.url}/api/court/1234/stream`);
    await before.first('init');
    before.close();
    await act(running, { action: 'pointA' }, umpire);

    using resumed = await StreamReader.open(`${running.url}/api/court/1234/stream`, { 'last-event-id': before.lastId });
    using current = await StreamReader.open(`${running.url}/api/court/1234/stream`, {
      'last-event-id': (await resumed.first('init')).id ?? '',
    });

    expect((await resumed.first('init')).data).toMatchObject({ score: [1, 0] });
    expect((await current.first('init')).data).toMatchObject({ score: [1, 0] });
  });

  it('shows something before anybody made a court', async () => {
    await using running = await startScoreboard({ seed: false });
    using board = await StreamReader.open(`${running.url}/api/scoreboard/stream`);

    expect((await board.first('init')).data).toMatchObject({ score: [0, 0], matchStatus: 'scheduled' });
  });
});

describe('an action', () => {
  it('that is illegal is refused with its code and the truth, and changes nothing', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const before = await snapshotAt(`${running.url}/api/court/1234`);

    const undo = await act(running, { action: 'undo' }, umpire);
    const body = (await undo.json()) as { error: { code: string; details: { snapshot: unknown } } };

    expect(undo.status).toBe(409);
    expect(body.error).toMatchObject({ code: 'NOTHING_TO_UNDO', details: { snapshot: before } });
    expect(await errorCode(await act(running, { action: 'nextGame' }, umpire))).toBe('GAME_NOT_OVER');
    expect(await snapshotAt(`${running.url}/api/court/1234`)).toEqual(before);
  });

  it('with an idempotency key counts once, however often and however concurrently it is sent', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const tap = { action: 'pointA', idempotencyKey: 'tap-1' };

    const answers = await Promise.all(Array.from({ length: 20 }, () => act(running, tap, umpire)));
    const byHeader = await act(running, { action: 'pointA' }, { ...umpire, 'idempotency-key': 'tap-1' });
    const bodies = await Promise.all(answers.map((answer) => answer.json() as Promise<{ duplicate?: true }>));

    expect(bodies.filter(({ duplicate }) => duplicate !== true)).toHaveLength(1);
    expect(await byHeader.json()).toMatchObject({ score: [1, 0], duplicate: true });
    expect(await errorCode(await act(running, { ...tap, action: 'pointB' }, umpire))).toBe('IDEMPOTENCY_KEY_REUSED');
    expect(await snapshotAt(`${running.url}/api/court/1234`)).toMatchObject({ score: [1, 0] });
  });

  it('on a version that is not the current one is refused', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    const { version = 0 } = await snapshotAt(`${running.url}/api/court/1234`);

    const first = await act(running, { action: 'pointA', expectedVersion: version }, umpire);
    const late = await act(running, { action: 'undo', expectedVersion: version }, umpire);
    const byHeader = await act(running, { action: 'undo' }, { ...umpire, 'if-match': `"${version + 1}"` });

    expect(first.status).toBe(200);
    expect(late.status).toBe(409);
    expect(await errorCode(late)).toBe('VERSION_CONFLICT');
    expect(byHeader.status).toBe(200);
  });

  it('meant for the match before is refused when another is on the court', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    expect((await act(running, { action: 'pointA', matchId: 'match-1' }, admin)).status).toBe(200);
    await send('PATCH', `${running.url}/api/courts/court-1`, { body: { matchId: 'match-2' }, headers: admin });

    const late = await act(running, { action: 'pointA', matchId: 'match-1' }, admin);

    expect(late.status).toBe(409);
    expect(await errorCode(late)).toBe('MATCH_CHANGED');
    expect(await snapshotAt(`${running.url}/api/court/1234`)).toMatchObject({ matchId: 'match-2', score: [0, 0] });
  });

  it('is refused on a closed court', async () => {
    await using running = await startScoreboard();
    const admin = await login(running.url, 'admin');
    await send('PATCH', `${running.url}/api/courts/court-1`, { body: { active: false }, headers: admin });

    const refused = await act(running, { action: 'pointA' }, admin);

    expect(refused.status).toBe(409);
    expect(await errorCode(refused)).toBe('COURT_INACTIVE');
    expect(await (await fetch(`${running.url}/api/court/1234/status`)).json()).toMatchObject({ active: false });
  });

  it('is told in Vietnamese to who asks for it', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');

    const refused = await act(running, { action: 'undo' }, { ...umpire, 'accept-language': 'vi-VN,vi;q=0.9,en;q=0.5' });

    expect(await refused.json()).toMatchObject({
      error: { code: 'NOTHING_TO_UNDO', message: 'Không còn gì để hoàn tác.' },
    });
  });

  it('is in the audit log, with who did it', async () => {
    await using running = await startScoreboard();
    const [umpire, admin] = [await login(running.url, 'umpire'), await login(running.url, 'admin')];
    await act(running, { action: 'pointA' }, umpire);
    await act(running, { action: 'undo' }, umpire);
    await act(running, { action: 'undo' }, umpire);

    const audit = (await (await send('GET', `${running.url}/api/audit`, { headers: admin })).json()) as {
      items: { action: string; actor: string; target: string; details: object }[];
    };

    expect(audit.items.map(({ action }) => action)).toEqual(['undo', 'pointA']);
    expect(audit.items[1]).toMatchObject({
      actor: expect.stringMatching(/^user:/),
      target: 'match:match-1',
      details: { score: [1, 0] },
    });
    expect((await send('GET', `${running.url}/api/audit`, { headers: umpire })).status).toBe(403);
    expect(await errorCode(await send('GET', `${running.url}/api/audit`))).toBe('SESSION_INVALID');
  });
});

describe('a crash', () => {
  it('keeps every acknowledged tap, its key and undo, and counts no retry twice', async () => {
    await using running = await startScoreboard();
    const umpire = await login(running.url, 'umpire');
    for (let tap = 0; tap < 12; tap += 1) {
      expect((await act(running, { action: 'pointA', idempotencyKey: `tap-${tap}` }, umpire)).status).toBe(200);
    }

    await using after = await startScoreboard({ folder: await crashImage(running.folder) });
    const retry = await act(after, { action: 'pointA', idempotencyKey: 'tap-11' }, umpire);
    using court = await StreamReader.open(`${after.url}/api/court/1234/stream`);

    expect(await retry.json()).toMatchObject({ score: [12, 0], duplicate: true });
    expect((await court.first('init')).data).toMatchObject({ score: [12, 0] });
    for (let undone = 11; undone >= 0; undone -= 1) {
      expect(await (await act(after, { action: 'undo' }, umpire)).json()).toMatchObject({ score: [undone, 0] });
    }
    expect(await errorCode(await act(after, { action: 'undo' }, umpire))).toBe('NOTHING_TO_UNDO');
  });
});
