/**
 * A thousand clients of which a tenth is stopped (SIGSTOP), of every kind: half-open peers are cleaned up within two heartbeats, others
 * stay.
 */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type ServerProcess, startServerProcess } from '@fanfare/testkit';
import { expect, it } from 'vitest';
import { Client } from './rooms-support.ts';

const SERVER = fileURLToPath(new URL('./rooms-child.mjs', import.meta.url));
const CLIENTS = fileURLToPath(new URL('./many-child.mjs', import.meta.url));
const HEARTBEAT_MS = 6000;
const WITHIN = { timeout: 60_000, interval: 50 };

/** Of `/ws`, of Socket.IO over WebSocket, and by polling. */
type Counts = readonly [plain: number, io: number, polling: number];

async function crowd(server: ServerProcess, counts: Counts): Promise<ChildProcess> {
  const child = spawn(process.execPath, [CLIENTS, `http://127.0.0.1:${server.port}`, ...counts.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(child.stdout, 'data');
  return child;
}

async function health(server: ServerProcess): Promise<{ readonly clients: number; readonly rooms: number }> {
  return (await (await fetch(`${server.url}/health`)).json()).websocket;
}

it('of 1000 clients the 100 that are dead are cleaned up within two heartbeats', async () => {
  await using server = await startServerProcess({ script: SERVER, env: { HEARTBEAT_MS: String(HEARTBEAT_MS) } });
  const children = [await crowd(server, [700, 140, 60]), await crowd(server, [50, 30, 20])];
  const [, dying] = children;
  try {
    await expect.poll(() => health(server), WITHIN).toEqual({ clients: 1000, rooms: 1 });

    dying?.kill('SIGSTOP');
    const since = performance.now();
    await expect.poll(async () => (await health(server)).clients, WITHIN).toBe(900);

    expect(performance.now() - since).toBeLessThan(2 * HEARTBEAT_MS);
    using talker = await new Client(server.port).welcomed();
    expect(await talker.ask({ type: 'join-room', room: 'crowd' })).toMatchObject({ members: 901 });
    // None of the living is taken for dead in the heartbeats that follow.
    const later = performance.now() + 2 * HEARTBEAT_MS;
    await expect
      .poll(async () => ({ ...(await health(server)), isLater: performance.now() > later }), WITHIN)
      .toEqual({ clients: 901, rooms: 1, isLater: true });
  } finally {
    for (const child of children) child.kill('SIGKILL');
  }
});
