/** The operator's switch [PROTOCOL §16] as the option, in process and over HTTP; each wire's own part is in its suite. */
import { describe, expect, it } from 'vitest';
import { createFanfare, memory } from '../../src/index.ts';
import { RawClient, startLive } from './live-fixture.ts';

const KEY = 'key';

async function call(url: string, body: unknown): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${url}/live/api/transports`, {
    method: 'POST',
    headers: { 'X-API-Key': KEY, 'Content-Type': 'application/json' },
    body: JSON.stringify(body),
  });
  return { status: response.status, body: await response.json() };
}

describe('the transports that clients may use', () => {
  it('are all of them, until an operator says otherwise', async () => {
    await using running = await startLive({ apiKey: KEY });

    expect(await call(running.url, {})).toEqual({ status: 200, body: { transports: ['ws', 'sse', 'poll'] } });
    expect(await call(running.url, { transports: ['poll', 'ws'] })).toEqual({
      status: 200,
      body: { transports: ['ws', 'poll'] },
    });
    expect(running.live.transports).toEqual(['ws', 'poll']);
    running.live.setTransports(['sse']);
    expect((await call(running.url, {})).body).toEqual({ transports: ['sse'] });
  });

  it.each([
    [{ transports: [] }, 'FIELD_INVALID'],
    [{ transports: 'poll' }, 'FIELD_INVALID'],
    [{ transports: ['poll', 'smoke'] }, 'FIELD_INVALID'],
    [{ transport: ['poll'] }, 'FIELD_UNKNOWN'],
  ])('are not changed by %j', async (body, code) => {
    await using running = await startLive({ apiKey: KEY });

    expect(await call(running.url, body)).toMatchObject({ status: 400, body: { error: { code } } });
    expect(running.live.transports).toEqual(['ws', 'sse', 'poll']);
  });

  it('are an option, checked when the hub is made', async () => {
    await using running = await startLive({ transports: ['poll'] });
    expect(running.live.transports).toEqual(['poll']);

    for (const transports of [[], ['smoke'], 'poll']) {
      const options = { engine: memory(), channels: {}, transports };
      expect(() => Reflect.apply(createFanfare, undefined, [options])).toThrow(
        /transports.*at least one of ws, sse, poll/,
      );
      expect(() => Reflect.apply(running.live.setTransports, running.live, [transports])).toThrow(TypeError);
    }
  });
});

describe('a stream while SSE is switched off', () => {
  it('is refused in-band: why, what may be used, and when to come back', async () => {
    await using running = await startLive({ transports: ['ws', 'poll'] });
    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.untilClosed();

    expect(client.status).toBe(200);
    expect(client.events.map(({ data }) => JSON.parse(data))).toEqual([
      {
        type: 'error',
        code: 'TRANSPORT_DISABLED',
        message: 'This transport is switched off at present; use ws, poll.',
        retry: true,
      },
      { type: 'transports', transports: ['ws', 'poll'] },
      { type: 'close', code: 3009, reason: expect.any(String), reconnect: true },
    ]);
    expect(client.retryMs).toBeGreaterThanOrEqual(1000);
  });

  it('that is open is told, then ends with 3009 within two seconds', async () => {
    await using running = await startLive();
    using client = RawClient.get(running.port, '/live/sse?channel=log:a');
    await client.until('subscribed');

    running.live.setTransports(['poll']);
    await client.untilClosed();

    expect(client.events.slice(2).map(({ data }) => JSON.parse(data))).toEqual([
      { type: 'transports', transports: ['poll'] },
      expect.objectContaining({ type: 'close', code: 3009, reconnect: true }),
    ]);
  });
});
