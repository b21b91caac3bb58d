/** An answer that refuses says what to do next: which calls and channels there are, and when the server is ready again. */
import { expect, it } from 'vitest';
import type { Engine } from '../../src/core/index.ts';
import { memory } from '../../src/index.ts';
import { startLive } from './live-fixture.ts';

it('names the calls that there are to whom mistyped one', async () => {
  await using server = await startLive();

  const answer = await server.call('publsh', {});

  expect(answer.status).toBe(404);
  expect(Object(answer.body).error.message).toMatch(
    /^Nothing is here: expected one of publish, set, batch, .*, got "publsh"\.$/,
  );
});

it('names the patterns to the holder of the key who named an unknown channel, and not to strangers', async () => {
  await using server = await startLive();

  const answer = await server.call('publish', { channel: 'orders:1', event: 'paid', data: 1 });
  const stranger = await fetch(`${server.url}/live/sse?channel=orders:1`);

  expect(answer.status).toBe(404);
  expect(Object(answer.body).error).toMatchObject({
    code: 'CHANNEL_UNKNOWN',
    message: expect.stringContaining('"orders:1"; it has public:{name}, public-state:{name}, '),
  });
  expect(await stranger.text()).toBe(
    '{"error":{"code":"CHANNEL_UNKNOWN","message":"This server has no channel of that name: \\"orders:1\\".","details":{"channel":"orders:1"}}}',
  );
});

it('ends a sentence with one full stop, and logs once that it is ready again', async () => {
  let isAway = true;
  const engine = memory();
  const away: Engine = {
    ...engine,
    name: engine.name,
    broker: engine.broker,
    close: () => engine.close(),
    health: () => (isAway ? { ready: false, reason: 'Redis cannot be used.' } : { ready: true }),
  };
  await using server = await startLive({ engine: away });
  const readyz = async (): Promise<unknown> => (await fetch(`${server.url}/readyz`)).json();

  expect(await readyz()).toEqual({
    error: {
      code: 'NOT_READY',
      message: 'The server is not ready: Redis cannot be used.',
      details: { reason: 'Redis cannot be used' },
    },
  });
  isAway = false;
  for (let asked = 0; asked < 3; asked += 1) expect(await readyz()).toEqual({ status: 'ready' });

  expect(server.lines.map(({ msg }) => msg)).toEqual(expect.arrayContaining(['not ready', 'ready again']));
  expect(server.lines.filter(({ msg }) => msg === 'ready again')).toHaveLength(1);
});
