/** The server is killed with -9 while a room talks: clients of both protocols lose nothing, and get nothing twice. */
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { expect, it, vi } from 'vitest';
import { Client, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const script = fileURLToPath(new URL('./rooms-child.mjs', import.meta.url));
const range = (count: number): number[] => Array.from({ length: count }, (_, n) => n);

/** What somebody heard in a room, by what was said. */
function numbers(messages: readonly unknown[]): readonly number[] {
  return messages.map((message) => Number(Reflect.get(Object(message), 'message')));
}

it('a plain client comes back with `since`, a Socket.IO client by itself', async () => {
  await using server = await startServerProcess({ script });
  using talker = await new Client(server.port).welcomed();
  using plain = await new Client(server.port).welcomed();
  using io = await new IoClient(server.url, { transports: ['polling', 'websocket'] }).welcomed();
  const { clientId } = io;
  for (const client of [talker, plain]) await client.ask({ type: 'join-room', room: 'a' });
  await io.ask('join-room', 'a');
  for (const n of range(50)) talker.send({ type: 'room-message', room: 'a', message: n });
  await io.got('room-message', 50);
  await vi.waitFor(() => expect(plain.messages.length).toBe(52), TIMEOUT);
  const since = plain.messages.at(-1)?.['position'];

  await server.crashAndRestart();
  using after = await new Client(server.port).welcomed();
  await after.ask({ type: 'join-room', room: 'a' });
  for (const n of range(50)) after.send({ type: 'room-message', room: 'a', message: 50 + n });
  await vi.waitFor(() => expect(after.messages.length).toBe(52), TIMEOUT);
  using again = await new Client(server.port).welcomed();
  const joined = await again.ask({ type: 'join-room', room: 'a', since });
  await vi.waitFor(() => expect(again.messages.length).toBe(52), TIMEOUT);

  expect(joined).toMatchObject({ type: 'room-joined', recovered: true });
  expect(numbers([...plain.messages.slice(2), ...again.messages.slice(2)])).toEqual(range(100));
  expect(numbers(await io.got('room-message', 100))).toEqual(range(100));
  expect(io.socket.recovered).toBe(true);
  const [, welcome] = await io.got('welcome', 2);
  expect(welcome).toMatchObject({ clientId });
  expect(await io.ask('room-message', { room: 'a', message: 100 })).toMatchObject({ type: 'room-message' });
  expect(numbers(await io.got('room-message', 101)).at(-1)).toBe(100);
});
