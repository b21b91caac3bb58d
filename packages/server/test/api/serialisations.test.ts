/** How often a payload becomes JSON: a count that no busy machine changes. */
import { expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { startLive } from '../transports/live-fixture.ts';

it('a payload is made JSON once, whoever reads it and over which wire', async () => {
  await using server = await startLive();
  server.live.attach(server.server);
  const readers = await Promise.all(Array.from({ length: 20 }, () => fetch(`${server.url}/live/sse?channel=log:a`)));
  const sockets = Array.from({ length: 20 }, () => new WebSocket(`ws://127.0.0.1:${server.port}/live/ws`));
  for (const socket of sockets) {
    socket.onopen = () => socket.send('{"type":"subscribe","id":1,"channel":"log:a"}');
  }
  let received = 0;
  for (const socket of sockets) socket.onmessage = ({ data }) => (received += Number(String(data).includes('"seen"')));
  await vi.waitFor(() => expect(server.live.stats().subscriptions).toBe(40), { timeout: 10_000, interval: 10 });
  let made = 0;
  const payload = {
    toJSON: () => {
      made += 1;
      return { text: 'seen' };
    },
  };

  await server.live.channel('log:a').publish('said', payload);
  await vi.waitFor(() => expect(received).toBe(20), { timeout: 10_000, interval: 10 });

  expect(made).toBe(1);
  for (const socket of sockets) socket.close();
  await Promise.all(readers.map((reader) => reader.body?.cancel()));
});
