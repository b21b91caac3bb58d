/** Positions: what a client asks for when it comes back, and what it hands to its listeners. */
import { describe, expect, it } from 'vitest';
import { added, harness, state, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

describe('a client that comes back', () => {
  it('asks for every channel from the last event it processed', async () => {
    const { client, platform, accept } = harness();
    client.channel('log:a').on('added', () => undefined);
    client.channel('log:b').on('added', () => undefined);
    await accept(subscribed('log:a', 'e.5'), subscribed('log:b', 'f.9'), added('log:a', 6), added('log:a', 7));

    platform.stream.cut();
    await settle();
    await platform.nextRequest();
    await settle();

    expect([...platform.stream.asked]).toEqual([
      ['log:a', 'e.7'],
      ['log:b', 'f.9'],
    ]);
  });

  it('what all five got wrong (3): events sent during a reconnect are delivered, once and in order', async () => {
    const { client, platform, accept } = harness();
    const seen: number[] = [];
    client.channel('log:a').on('added', (data) => seen.push(data));
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));
    platform.stream.cut();
    await settle();
    await platform.nextRequest();

    await accept(subscribed('log:a', 'e.2', true), added('log:a', 2), added('log:a', 3), added('log:a', 4));

    expect(seen).toEqual([1, 2, 3, 4]);
    expect(client.channel('log:a').subscription).toEqual({ status: 'subscribed', recovered: true });
  });

  it('does not count an event whose handlers have not run as processed', async () => {
    const { client, accept } = harness();
    const channel = client.channel('log:a');
    const positions: (string | undefined)[] = [];
    channel.on('added', () => positions.push(channel.position));

    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));

    expect(positions).toEqual(['e.0', 'e.1']);
    expect(channel.position).toBe('e.2');
  });

  it('moves on over a handler that throws, tells onError, and calls the other handlers', async () => {
    const { client, errors, accept } = harness();
    const channel = client.channel('log:a');
    const seen: number[] = [];
    channel.on('added', () => {
      throw new Error('mine');
    });
    channel.on('added', async () => {
      await Promise.reject(new Error('later'));
    });
    channel.on('added', (data) => seen.push(data));

    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 2));

    expect(seen).toEqual([1, 2]);
    expect(channel.position).toBe('e.2');
    expect(errors.map(({ code, channel: name }) => `${code} ${name}`)).toEqual(Array(4).fill('HANDLER_FAILED log:a'));
  });

  it('goes on from a position kept from an earlier life', async () => {
    const { client, platform, accept } = harness();
    client.channel('log:a', { after: 'e.a' }).on('added', () => undefined);

    await accept();

    expect(platform.stream.asked.get('log:a')).toBe('e.a');
  });

  it('says what is lost, and goes on from where the server is', async () => {
    const { client, platform, accept } = harness();
    const channel = client.channel('log:a', { after: 'e.1' });
    const losses: string[] = [];
    const seen: number[] = [];
    channel.onLost(({ cause }) => losses.push(cause));
    channel.on('added', (data) => seen.push(data));

    await accept(subscribed('log:a', 'e.k', false, 'trimmed'), added('log:a', 21));

    expect(losses).toEqual(['trimmed']);
    expect(seen).toEqual([21]);
    expect(channel.subscription).toEqual({ status: 'lost', cause: 'trimmed' });
    expect(platform.openStreams).toBe(1);
  });

  it('calls it a loss when the position it was given is none', async () => {
    const { client, platform, accept } = harness();
    const losses: string[] = [];
    client.channel('log:a', { after: 'left by another version' }).onLost(({ cause }) => losses.push(cause));

    await accept(subscribed('log:a', 'e.k', false, 'invalid'));

    // Whether it is one is the server's to say.
    expect([...platform.stream.asked]).toEqual([['log:a', 'left by another version']]);
    expect(losses).toEqual(['invalid']);
    expect(client.channel('log:a').position).toBe('e.k');
  });

  it('calls it a loss when a position gets no answer', async () => {
    const { client, accept } = harness();
    const losses: string[] = [];
    client.channel('log:a', { after: 'e.1' }).onLost(({ cause }) => losses.push(cause));

    await accept(subscribed('log:a', 'e.k'));

    expect(losses).toEqual(['invalid']);
  });

  it('reads again when an event is missing from the stream, and reports a loss when it stays missing', async () => {
    const { client, platform, accept, send } = harness();
    const seen: number[] = [];
    const losses: string[] = [];
    const channel = client.channel('log:a');
    channel.on('added', (data) => seen.push(data));
    channel.onLost(({ cause }) => losses.push(cause));
    await accept(subscribed('log:a', 'e.0'), added('log:a', 1), added('log:a', 3), added('log:a', 4));
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'EVENT_MISSING' } });

    await platform.nextRequest();
    await accept(subscribed('log:a', 'e.1', true), added('log:a', 2), added('log:a', 3));
    await send(added('log:a', 9));
    await platform.nextRequest();
    await accept(subscribed('log:a', 'e.3', true), added('log:a', 9));

    expect(seen).toEqual([1, 2, 3, 9]);
    expect(losses).toEqual(['trimmed']);
  });

  it('tells of a loss when the history changes under a live stream', async () => {
    const { client, accept } = harness();
    const losses: string[] = [];
    const channel = client.channel('log:a');
    channel.onLost(({ cause }) => losses.push(cause));

    await accept(subscribed('log:a', 'e.5'), added('log:a', 1, 'f'));

    expect(losses).toEqual(['epoch']);
    expect(channel.position).toBe('f.1');
  });

  it('does not let a cut between the confirmation of a state channel and its value skip the value', async () => {
    const { client, platform, accept } = harness();
    client.channel('board:1').on('state', () => undefined);
    await accept(subscribed('board:1', 'e.7'));

    platform.stream.cut();
    await settle();
    await platform.nextRequest();
    await settle();
    expect([...platform.stream.asked]).toEqual([['board:1', undefined]]);

    await accept(subscribed('board:1', 'e.7'), state('board:1', 21, 7));
    expect(client.channel('board:1').value).toEqual({ score: 21 });
  });
});
