/** What a client makes of an attempt to connect that failed: verdicts, tokens, and how long it waits, on a fake clock. */
import { describe, expect, it } from 'vitest';
import { added, listening, status, subscribed } from './client-harness.ts';
import { type Answer, settle } from './fake-platform.ts';

describe('a status', () => {
  it.each([400, 401, 403, 404, 410])(
    '%i is a verdict: failed, with the code and message of the error',
    async (code) => {
      const { client, platform, errors } = listening();
      platform.answers.push(status(code));
      await settle();
      platform.advance(600_000);
      await settle();

      expect(client.connection).toEqual({
        status: 'failed',
        reason: { code: `CODE_${code}`, message: `Status ${code}.` },
      });
      expect(errors.map((error) => error.code)).toEqual([`CODE_${code}`]);
      expect(platform.streams).toHaveLength(1);

      client.reconnect();
      await settle();
      expect(platform.streams).toHaveLength(2);
    },
  );

  it.each([408, 429, 500, 502, 503, 504])('%i may pass: the stream is opened again', async (code) => {
    const { client, platform, accept } = listening();
    platform.answers.push(status(code));
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: `CODE_${code}` } });

    platform.advance(1000);
    await accept(subscribed('log:a', 'e.0'));

    expect(client.connection.status).toBe('live');
    expect(client.connection.reason).toBeUndefined();
  });

  it.each([400, 403, 404, 410, 425, 451])('%i in words that are not the server’s was said on the way', async (code) => {
    const { client, platform, accept, errors } = listening();
    platform.answers.push(() => new Response('<p>Blocked.</p>', { status: code }));
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: `HTTP_${code}` } });

    platform.advance(1000);
    await accept(subscribed('log:a', 'e.0'));

    expect(client.connection.status).toBe('live');
    expect(errors).toEqual([]);
  });

  it('401 is about the credential, whoever says it', async () => {
    const { client, platform } = listening();
    platform.answers.push(() => new Response('Unauthorized', { status: 401 }));
    await settle();

    expect(client.connection).toMatchObject({ status: 'failed', reason: { code: 'HTTP_401' } });
  });

  it.each([
    ['7', 7000],
    [new Date(1_700_000_000_000 + 9000).toUTCString(), 9000],
  ])('respects Retry-After: %s, whatever the page does', async (header, floorMs) => {
    const { client, platform } = listening();
    platform.answers.push(status(429, { 'retry-after': header }));
    await settle();
    expect(client.connection.retryAt).toBeGreaterThanOrEqual(platform.wallTime() + floorMs);

    platform.signal('visible');
    platform.advance(floorMs - 1);
    await settle();
    expect(platform.streams).toHaveLength(1);

    platform.advance(1);
    await settle();
    expect(platform.streams).toHaveLength(2);
  });

  it('200 without an event stream is a captive portal, not a verdict', async () => {
    const { client, platform } = listening();
    platform.answers.push(() => new Response('<html>', { headers: { 'content-type': 'text/html' } }));
    await settle();

    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'NOT_A_STREAM' } });
    expect(platform.openStreams).toBe(0);
  });
});

describe('a token', () => {
  it('is sent as a bearer header, never in the URL', async () => {
    const { platform, accept } = listening({ token: () => 'secret' });

    await accept();

    expect(platform.stream.headers.get('authorization')).toBe('Bearer secret');
    expect(platform.stream.url.href).not.toContain('secret');
  });

  it('is asked for afresh once after a 401', async () => {
    const asked: boolean[] = [];
    const { client, platform, accept } = listening({
      token: ({ refresh }) => {
        asked.push(refresh);
        return Promise.resolve(refresh ? 'new' : 'old');
      },
    });
    platform.answers.push(status(401));
    await settle();
    await accept(subscribed('log:a', 'e.0'));

    expect(asked).toEqual([false, true]);
    expect(platform.stream.headers.get('authorization')).toBe('Bearer new');
    expect(client.connection.status).toBe('live');
  });

  it('that is refused twice is the end', async () => {
    const { client, platform } = listening({ token: () => 'old' });
    platform.answers.push(status(401), status(401));
    await settle();
    await settle();

    expect(client.connection.status).toBe('failed');
    expect(platform.streams).toHaveLength(2);
  });

  it.each([0, 1, 2, 3, 4, 5])(
    'that comes too late for its stream does not speak for the next (%i ticks)',
    async (ticks) => {
      const late: ((token: string) => void)[] = [];
      const { client, platform, accept } = listening({ token: () => new Promise((resolve) => late.push(resolve)) });
      await settle();
      client.channel('log:b').on('added', () => undefined);
      client.reconnect();
      await settle();
      late[0]?.('for a stream that was given up');
      for (let tick = 0; tick < ticks; tick += 1) await Promise.resolve();
      client.channel('log:c').on('added', () => undefined);
      late[1]?.('for the stream that is being opened');
      await settle();
      for (const answer of late) answer('for the last');
      await accept();

      const subscribed = platform.posted.map(({ channel }) => channel);
      expect([...platform.stream.channels, ...subscribed]).toEqual(['log:a', 'log:b', 'log:c']);
      expect(platform.streams).toHaveLength(1);
      expect(platform.stream.headers.get('authorization')).toBe('Bearer for the stream that is being opened');
    },
  );

  it('that cannot be got is tried again, and reported', async () => {
    const { client, errors } = listening({ token: () => Promise.reject(new Error('login is down')) });
    await settle();

    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { message: 'login is down' } });
    expect(errors.map(({ code }) => code)).toEqual(['TOKEN_FAILED']);
  });
});

describe('waiting', () => {
  it('what all five got wrong (5): after any number of failures it goes back to live by itself', async () => {
    const { client, platform, accept } = listening();
    platform.answers.push(...Array<Answer>(50).fill(status(503)));
    await settle();
    for (let failures = 0; failures < 50; failures += 1) {
      expect(client.connection.status).toBe('reconnecting');
      await platform.nextRequest();
    }

    await accept(subscribed('log:a', 'e.0'));

    expect(client.connection.status).toBe('live');
    expect(platform.streams).toHaveLength(51);
  });

  it('what all five got wrong (6): full jitter above the retry of the server', async () => {
    const { client, platform, accept } = listening();
    await settle();
    platform.stream.retry(4000);
    await accept(subscribed('log:a', 'e.0'));
    const waits: number[] = [];
    for (const chance of [0, 0.25, 0.999]) {
      platform.chance = chance;
      platform.stream.cut();
      await settle();
      waits.push((client.connection.retryAt ?? 0) - platform.wallTime());
      await platform.nextRequest();
      await accept(subscribed('log:a', 'e.0'));
    }

    expect(waits).toEqual([4000, 4500, 7996]);
  });

  it('grows while streams open without progress, and starts over after an event', async () => {
    const { client, platform, accept } = listening();
    platform.chance = 0.999;
    const waits: number[] = [];
    const fall = async (): Promise<void> => {
      platform.stream.cut();
      await settle();
      waits.push(Math.round(((client.connection.retryAt ?? 0) - platform.wallTime()) / 1000));
      await platform.nextRequest();
      await settle();
    };

    await accept(subscribed('log:a', 'e.0'));
    await fall();
    await accept();
    await fall();
    await accept();
    await fall();
    await accept();
    await fall();
    await accept(subscribed('log:a', 'e.0', true), added('log:a', 1));
    await fall();

    // Each as long as the outage so far, from the second on.
    expect(waits).toEqual([1, 1, 2, 4, 1]);
  });

  it('clamps a retry that would make a storm', async () => {
    const { client, platform, accept } = listening();
    platform.chance = 0;
    await settle();
    platform.stream.retry(0);
    await accept();
    platform.stream.cut();
    await settle();

    expect(client.connection.retryAt).toBe(platform.wallTime() + 1000);
  });

  it('ends at once when the network comes back', async () => {
    const { client, platform, accept } = listening();
    await accept(subscribed('log:a', 'e.0'));
    platform.isOnline = false;
    platform.signal('offline');
    expect(client.connection).toMatchObject({ status: 'offline', reason: { code: 'OFFLINE' } });

    platform.isOnline = true;
    platform.signal('online');
    await accept(subscribed('log:a', 'e.0', true));

    expect(client.connection.status).toBe('live');
  });

  it('obeys a close: when to come back, and whether', async () => {
    const { client, platform, accept, send } = listening();
    await accept(subscribed('log:a', 'e.0'));
    await send({
      type: 'close',
      code: 3000,
      reason: 'the server is restarting; reconnect',
      reconnect: true,
      retryMs: 8000,
    });
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'CLOSED_3000' } });
    expect(client.connection.retryAt).toBeGreaterThanOrEqual(platform.wallTime() + 8000);

    await platform.nextRequest();
    await accept(subscribed('log:a', 'e.0', true));
    await send({ type: 'close', code: 3508, reason: 'the credential was revoked', reconnect: false });

    expect(client.connection).toEqual({
      status: 'failed',
      reason: { code: 'CLOSED_3508', message: 'the credential was revoked' },
    });
  });

  it('gives the server’s error as the reason of the close that follows', async () => {
    const { client, accept, send } = listening();
    await accept();

    await send(
      { type: 'error', code: 'TOO_MANY_CONNECTIONS', message: 'Full.', retry: true },
      { type: 'close', code: 3003, reason: 'overloaded', reconnect: true, retryMs: 2000 },
    );

    expect(client.connection.reason).toEqual({ code: 'TOO_MANY_CONNECTIONS', message: 'Full.' });
  });
});
