/** kill -9 in the middle of a game: an umpire's phone that retries, and a spectator who resumes. */
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '@fanfare/testkit';
import { expect, it } from 'vitest';
import { login, StreamReader, snapshotAt } from './scoreboard-support.ts';

const CHILD = fileURLToPath(new URL('scoreboard-child.mjs', import.meta.url));
const TAPS = 40;

/** One tap, as the phone's queue sends it: the same key until it is answered. */
async function tapUntilAnswered(server: ServerProcess, umpire: Record<string, string>, action: string): Promise<void> {
  const body = JSON.stringify({ action, idempotencyKey: randomUUID() });
  const headers = { 'content-type': 'application/json', ...umpire };
  for (;;) {
    const answer = await fetch(`${server.url}/api/court/1234/actions`, { method: 'POST', headers, body }).catch(
      () => undefined,
    );
    if (answer?.status === 200) return;
    expect([undefined, 503]).toContain(answer?.status);
    // Nobody listens yet: ask again when this turn of the loop is over.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** An EventSource without SDK: comes back with the last id it saw, whenever the stream ends. */
async function followAll(url: string, scores: string[], done: () => boolean): Promise<void> {
  let lastId = '';
  while (!done()) {
    const reader = await StreamReader.open(url, lastId === '' ? {} : { 'last-event-id': lastId }).catch(
      () => undefined,
    );
    if (reader === undefined) {
      await new Promise((resolve) => setImmediate(resolve));
      continue;
    }
    await expect
      .poll(() => reader.ended || done() || scoresOf(reader).length + scores.length >= TAPS, { timeout: 20_000 })
      .toBe(true);
    scores.push(...scoresOf(reader));
    lastId = reader.lastId === '' ? lastId : reader.lastId;
    reader.close();
  }
}

function scoresOf(reader: StreamReader): string[] {
  return reader.of('score-update').map(({ data }) => `${data['team1Score']}-${data['team2Score']}`);
}

it('loses no tap, counts none twice, and tells each of them once and in order', { timeout: 60_000 }, async () => {
  await using server = await startServerProcess({ script: CHILD });
  const umpire = await login(server.url, 'umpire');
  const scores: string[] = [];
  const spectator = followAll(`${server.url}/api/sse/matches/match-1/subscribe`, scores, () => scores.length >= TAPS);
  await expect
    .poll(
      async () =>
        ((await (await fetch(`${server.url}/api/sse/stats`)).json()) as { matchConnections: number }).matchConnections,
    )
    .toBe(1);

  const crashes: Promise<void>[] = [];
  for (let tap = 0; tap < TAPS; tap += 1) {
    // Not awaited: the taps go on into the crash and the restart.
    if (tap % 10 === 5) crashes.push(server.crashAndRestart());
    await tapUntilAnswered(server, umpire, tap % 2 === 0 ? 'pointA' : 'pointB');
  }
  await Promise.all(crashes);
  await spectator;

  expect(await snapshotAt(`${server.url}/api/court/1234`)).toMatchObject({ score: [20, 20], version: TAPS + 1 });
  expect(scores).toEqual(
    Array.from({ length: TAPS }, (_, tap) => `${Math.floor(tap / 2) + 1}-${Math.floor((tap + 1) / 2)}`),
  );
});
