/** A set of channels that changes: one request for all that comes in one turn, and no event lost or doubled by it. */
import { describe, expect, it } from 'vitest';
import { added, harness, state, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('a changed set of channels', () => {
  it('is one request for all listeners that come in one turn', async () => {
    const { client, platform, accept } = harness();
    client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined);
    client.channel('board:1').on('state', () => undefined);

    await accept();

    expect(platform.streams.map((stream) => stream.channels)).toEqual([['log:a', 'log:b', 'board:1']]);
  });

  it('is followed on the open stream, which goes on: no loss, no duplicates, and live all the while', async () => {
    const { client, platform, accept, send } = harness();
    const seen: number[] = [];
    const statuses: string[] = [];
    client.onConnection(({ status }) => statuses.push(status));
    client.channel('log:a').on('added', (data) => seen.push(data));
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1));

    client.channel('log:b', { after: 'e.0' }).on('added', (data) => seen.push(data * 100));
    await settle();
    expect(platform.posts.map(({ url }) => url.pathname)).toEqual(['/live/uplink/c']);
    expect(platform.posted).toEqual([{ type: 'subscribe', channel: 'log:b', position: 'e.0' }]);
    expect(client.channel('log:a').subscription.status).toBe('subscribed');
    expect(client.channel('log:b').subscription.status).toBe('subscribing');
    await send(added('log:a', 2), subscribed('log:b', 'e.0', true), added('log:b', 1), added('log:a', 3));

    expect(seen).toEqual([1, 2, 100, 3]);
    expect(client.channel('log:b').subscription).toEqual({ status: 'subscribed', recovered: true });
    expect(statuses).toEqual(['connecting', 'live']);
    expect([platform.streams.length, platform.openStreams]).toEqual([1, 1]);
  });

  it('is unsubscribed from what nobody listens to any more', async () => {
    const { client, platform, accept, send } = harness();
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => seen.push(data));
    const off = client.channel('log:b').on('added', (data) => seen.push(data * 100));
    await accept(subscribed('log:a', 'e.0'), subscribed('log:b', 'e.0'), added('log:b', 1));

    off();
    await settle();
    await send(added('log:b', 2), { type: 'unsubscribed', channel: 'log:b' }, added('log:a', 1));

    expect(platform.posted).toEqual([{ type: 'unsubscribe', channel: 'log:b' }]);
    expect(seen).toEqual([100, 1]);
    expect(client.channel('log:b').subscription).toEqual({ status: 'closed' });
    expect(platform.streams).toHaveLength(1);
  });

  it('while the stream is being opened is part of its request, or follows on it', async () => {
    const { client, platform, accept } = harness();
    const off = client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined);
    await settle();
    off();
    client.channel('log:c').on('added', () => undefined);
    await settle();
    expect(platform.posts).toEqual([]);

    await accept(subscribed('log:a', 'e.0'), subscribed('log:b', 'e.0'));

    expect(platform.stream.channels).toEqual(['log:a', 'log:b']);
    expect(platform.posted).toEqual([
      { type: 'unsubscribe', channel: 'log:a' },
      { type: 'subscribe', channel: 'log:c' },
    ]);
  });

  it('is not asked for when listeners come and go within one turn', async () => {
    const { client, platform, accept } = harness();
    const off = client.channel('log:a').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'));

    off();
    client.channel('log:a').on('added', () => undefined);
    await settle();

    expect(platform.streams).toHaveLength(1);
  });

  it('closes the stream with the last listener and forgets everything', async () => {
    const { client, platform, accept } = harness();
    const one = client.channel('board:1');
    const other = client.channel('board:1');
    one.on('state', () => undefined);
    other.subscribe(() => undefined);
    await accept(subscribed('board:1', 'e.1'), state('board:1', 3, 1));

    one.close();
    await settle();
    expect(client.connection.status).toBe('live');
    other.close();
    await settle();

    expect(client.connection).toEqual({ status: 'idle' });
    expect([platform.openStreams, platform.timers, platform.watchers]).toEqual([0, 0, 0]);
    expect(one.value).toBeUndefined();
    expect(one.subscription).toEqual({ status: 'closed' });
  });

  it('leaves a refused channel out, and keeps the others', async () => {
    const { client, platform, errors, accept } = harness();
    client.channel('log:a').on('added', () => undefined);
    client.channel('log:secret').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'), {
      type: 'error',
      channel: 'log:secret',
      code: 'FORBIDDEN',
      message: 'Not yours.',
    });
    expect(client.channel('log:secret').subscription).toMatchObject({
      status: 'refused',
      reason: { code: 'FORBIDDEN' },
    });
    expect(errors.map(({ code }) => code)).toEqual(['FORBIDDEN']);
    expect(platform.streams).toHaveLength(1);

    platform.stream.cut();
    await settle();
    await platform.nextRequest();
    await settle();
    expect(platform.stream.channels).toEqual(['log:a']);

    client.reconnect();
    await settle();
    expect(platform.stream.channels).toEqual(['log:a', 'log:secret']);
  });

  it('asks for a refused channel on the open stream when the user says so', async () => {
    const { client, platform, accept, send } = harness();
    for (const name of ['log:a', 'log:b', 'log:c'] as const) client.channel(name).on('added', () => undefined);
    await accept(
      subscribed('log:a', 'e.0'),
      { type: 'error', channel: 'log:b', code: 'FORBIDDEN', message: 'Not yours.' },
      { type: 'error', channel: 'log:c', code: 'ENGINE_UNAVAILABLE', message: 'Later.', retry: true },
    );

    client.reconnect();
    await settle();
    await send(subscribed('log:b', 'e.0'), subscribed('log:c', 'e.0'));

    const asked = platform.posted.filter(({ type }) => type === 'subscribe').map(({ channel }) => channel);
    expect(asked.sort()).toEqual(['log:b', 'log:c']);
    expect(client.channel('log:b').subscription.status).toBe('subscribed');
    expect(client.channel('log:c').subscription.status).toBe('subscribed');
    expect(platform.streams).toHaveLength(1);
  });

  it('asks again by itself for a channel that was refused for now', async () => {
    const { client, platform, accept, send } = harness();
    client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.0'), {
      type: 'error',
      channel: 'log:b',
      code: 'ENGINE_UNAVAILABLE',
      message: 'Later.',
      retry: true,
    });

    for (let elapsed = 0; platform.posts.length === 0 && elapsed < 30_000; elapsed += 5000) {
      await send({ type: 'heartbeat', time: 0 });
      platform.advance(5000);
      await settle();
    }
    expect(platform.posted.at(-1)).toEqual({ type: 'subscribe', channel: 'log:b' });
    await send(subscribed('log:b', 'e.0'));

    expect(platform.posts).toHaveLength(1);
    expect(platform.streams).toHaveLength(1);
    expect(client.channel('log:b').subscription.status).toBe('subscribed');
  });

  it('fails with the reason when its only channel is refused', async () => {
    const { client, errors, accept } = harness();
    client.channel('log:secret').on('added', () => undefined);

    await accept({ type: 'error', channel: 'log:secret', code: 'FORBIDDEN', message: 'Not yours.' });

    expect(client.connection).toEqual({ status: 'failed', reason: { code: 'FORBIDDEN', message: 'Not yours.' } });
    expect(errors).toHaveLength(1);
  });

  it('goes on without a channel that a status refuses by name', async () => {
    const { client, platform, errors, accept } = harness();
    const error = { code: 'FORBIDDEN', message: 'Not yours.', details: { channel: 'log:secret' } };
    platform.answers.push(() => Response.json({ error }, { status: 403 }));
    client.channel('log:secret').on('added', () => undefined);
    client.channel('log:a').on('added', () => undefined);

    await settle();
    await accept(subscribed('log:a', 'e.0'));

    expect(platform.streams.map((stream) => stream.channels)).toEqual([['log:secret', 'log:a'], ['log:a']]);
    expect(client.connection.status).toBe('live');
    expect(client.channel('log:secret').subscription).toMatchObject({
      status: 'refused',
      reason: { code: 'FORBIDDEN' },
    });
    expect(errors.map(({ code, channel }) => `${code} ${channel}`)).toEqual(['FORBIDDEN log:secret']);
  });

  it('refuses the only channel that a status refuses by name, fails, and can be asked again', async () => {
    const { client, platform, errors, accept } = harness();
    const error = { code: 'UNAUTHENTICATED', message: 'Sign in.', details: { channel: 'log:a' } };
    platform.answers.push(() => Response.json({ error }, { status: 401 }));
    client.channel('log:a').on('added', () => undefined);
    await settle();
    expect(client.connection).toMatchObject({ status: 'failed', reason: { code: 'UNAUTHENTICATED' } });
    expect(client.channel('log:a').subscription.status).toBe('refused');
    expect(errors).toHaveLength(1);

    client.reconnect();
    await accept(subscribed('log:a', 'e.0'));

    expect(client.channel('log:a').subscription.status).toBe('subscribed');
  });

  it('refuses a name that is none by itself, and asks for the others', async () => {
    const { client, platform, accept } = harness();
    client.channel('log:a b\n').on('added', () => undefined);
    client.channel('log:a').on('added', () => undefined);

    await accept(subscribed('log:a', 'e.0'));

    expect(platform.stream.channels).toEqual(['log:a']);
    expect(client.channel('log:a b\n').subscription).toMatchObject({ reason: { code: 'CHANNEL_NAME_INVALID' } });
  });

  it('refuses channels beyond what one connection may follow', async () => {
    const { client, platform, accept } = harness();
    for (let index = 0; index < 130; index += 1) client.channel(`log:${index}`).on('added', () => undefined);

    await accept();

    expect(platform.stream.channels).toHaveLength(128);
    expect(client.channel('log:129').subscription).toMatchObject({ reason: { code: 'TOO_MANY_CHANNELS' } });
  });
});
