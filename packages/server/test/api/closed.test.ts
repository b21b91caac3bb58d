/** After `close()`: it is said that the hub is closed, not that its store has a fault. */
import { describe, expect, it } from 'vitest';
import { createFanfare, log, memory, signal, sqlite, state } from '../../src/index.ts';

const channels = { 'chat:{room}': log(), 'court:{pin}': state(), 'typing:{room}': signal() };

describe.each([
  ['memory', () => memory()],
  ['sqlite', () => sqlite(':memory:')],
])('a closed hub on %s', (name, engine) => {
  const verbs = {
    publish: (live) => live.channel('chat:a').publish('said', 1),
    signal: (live) => live.channel('typing:a').publish('typing', 1),
    set: (live) => live.channel('court:1').set(1),
    get: (live) => live.channel('court:1').get(),
    history: (live) => live.channel('chat:a').history(),
    'api.publish': (live) => live.api.publish({ channel: 'chat:a', event: 'said', data: 1 }),
    ...(name === 'sqlite' && { transaction: (live) => live.transaction(() => 1) }),
  } satisfies Record<string, (live: ReturnType<typeof createFanfare<typeof channels>>) => Promise<unknown>>;

  it.each(Object.entries(verbs))('rejects %s with DRAINING, and says that it is closed', async (_, verb) => {
    const live = createFanfare({ engine: engine(), channels });
    await verb(live);

    await live.close();

    await expect(verb(live)).rejects.toMatchObject({
      name: 'FanfareError',
      code: 'DRAINING',
      status: 503,
      message: expect.stringMatching(/is closed: close\(\) was called/),
    });
  });

  it('still publishes while it drains: requests that are being answered may finish', async () => {
    const live = createFanfare({ engine: engine(), channels });

    await live.drain({ overMs: 0 });

    expect(await live.channel('chat:a').publish('said', 1)).toMatchObject({ duplicate: false });
    await live.close();
  });
});
