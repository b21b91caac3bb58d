/** Who is in a room right after somebody was killed, and what a position of another history is worth. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { describe, expect, it, vi } from 'vitest';
import { startRooms } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const CLIENTS = fileURLToPath(new URL('./many-child.mjs', import.meta.url));

it('the members of a room are one fewer as soon as the process of one was killed with -9, whatever its wire', async () => {
  await using server = await startRooms();
  using stays = await server.connect().welcomed();
  await stays.ask({ type: 'join-room', room: 'crowd' });
  const child = spawn(process.execPath, [CLIENTS, server.url, '1', '1', '1'], { stdio: ['ignore', 'pipe', 'inherit'] });
  await once(child.stdout, 'data');
  expect(await stays.ask({ type: 'join-room', room: 'crowd' })).toMatchObject({ members: 4 });

  child.kill('SIGKILL');

  // Its kernel ends the sockets: no heartbeat is waited for (it is 30 s).
  await vi.waitFor(() => expect(server.live.subscribers('room:crowd')).toBe(1), { timeout: 5000, interval: 5 });
  expect(await stays.ask({ type: 'join-room', room: 'crowd' })).toMatchObject({ members: 1 });
  expect(server.rooms.health()).toMatchObject({ websocket: { clients: 1, rooms: 1 } });
});

describe('a position', () => {
  it('of a history that was begun anew, or ahead of it, or none at all, is told, on both protocols', async () => {
    await using server = await startRooms();
    using plain = await server.connect().welcomed();
    using io = await new IoClient(server.url).welcomed();
    await server.publish('room:a', { message: 0 });
    const page = await server.live.api.history({ channel: 'room:a', limit: 1 });
    const position = page.kind === 'events' ? (page.events[0]?.position ?? '') : '';
    for (const [since, cause] of [
      ['zzzzzzzz.1', 'epoch'],
      [position.replace(/\..*/, '.zz'), 'ahead'],
      ['nonsense', 'invalid'],
    ] as const) {
      const told = { type: 'room-joined', recovered: false, cause };
      expect(await plain.ask({ type: 'join-room', room: 'a', since })).toMatchObject(told);
      expect(await io.ask('join-room', { room: 'a', since })).toMatchObject(told);
      await plain.ask({ type: 'leave-room', room: 'a' });
      await io.ask('leave-room', 'a');
    }
    expect(await plain.ask({ type: 'join-room', room: 'a', since: position })).toMatchObject({ recovered: true });
  });
});
