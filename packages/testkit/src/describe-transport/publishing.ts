/** What a client may publish: as the channel's rule and schema say, with an answer that says where it is [PROTOCOL §14]. */
import { describe, expect, it } from 'vitest';
import { type TransportSetup, WireFixture } from './setup.ts';
import { dataOf, framesOf, untilFrames } from './wire-client.ts';

export function describePublishing(setup: TransportSetup): void {
  describe('a publish of a client', () => {
    answerPublishes(setup);
    publishByKind(setup);
    refusePublishes(setup);
  });
}

function answerPublishes(setup: TransportSetup): void {
  it('is answered with its position, and delivered to everybody, its publisher too', async () => {
    await using wire = await WireFixture.open(setup);
    const reader = await wire.client({ channels: ['open:a'] });
    const client = await wire.client({ channels: ['open:a'] });
    for (const one of [reader, client]) await untilFrames(one, 'subscribed');

    const answer = await client.command({ type: 'publish', id: 5, channel: 'open:a', event: 'said', data: 'hi' });
    for (const one of [reader, client]) await untilFrames(one, 'event');

    const [event] = framesOf(reader, 'event');
    expect(event).toMatchObject({ channel: 'open:a', event: 'said', data: 'hi' });
    expect(answer).toEqual({
      type: 'published',
      id: 5,
      position: event?.position,
      duplicate: false,
      ack: expect.stringMatching(/^(accepted|committed)$/),
    });
    expect(dataOf(client, 'open:a')).toEqual(['hi']);
  });

  it('happens once for one idempotency key', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['open:a'] });
    await untilFrames(client, 'subscribed');
    const frame = { type: 'publish', channel: 'open:a', event: 'said', data: 'hi', idempotencyKey: 'k' } as const;

    const first = await client.command({ ...frame, id: 1 });
    const again = await client.command({ ...frame, id: 2 });
    await client.command({ ...frame, id: 3, data: 'other', idempotencyKey: 'l' });
    await untilFrames(client, 'event', { count: 2 });

    expect(again).toEqual({ ...first, id: 2, duplicate: true });
    expect(dataOf(client, 'open:a')).toEqual(['hi', 'other']);
  });
}

function publishByKind(setup: TransportSetup): void {
  it('sets the value of a state, by key', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['dial:a'] });
    await untilFrames(client, 'subscribed');

    await client.command({ type: 'publish', id: 1, channel: 'dial:a', event: 'state', data: 1, key: 'left' });
    await client.command({ type: 'publish', id: 2, channel: 'dial:a', event: 'state', data: 2 });
    await untilFrames(client, 'event', { count: 2 });

    expect(framesOf(client, 'event').map(({ key, data }) => [key, data])).toEqual([
      ['left', 1],
      [undefined, 2],
    ]);
  });

  it('of a signal has no position', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['whisper:a'] });
    await untilFrames(client, 'subscribed');
    await wire.listening();

    expect(await client.command({ type: 'publish', id: 1, channel: 'whisper:a', event: 'x', data: null })).toEqual({
      type: 'published',
      id: 1,
      duplicate: false,
      ack: 'accepted',
    });
    await untilFrames(client, 'event');
  });

  it('comes in the order of the commands', async () => {
    await using wire = await WireFixture.open(setup);
    const client = await wire.client({ channels: ['open:a'] });
    await untilFrames(client, 'subscribed');

    const texts = Array.from({ length: 60 }, (_, n) => `${n}`);
    const frame = { type: 'publish', channel: 'open:a', event: 'said' } as const;

    const answers = await client.commands(texts.map((data, id) => ({ ...frame, id, data })));
    await untilFrames(client, 'event', { count: 60 });

    expect(answers.map((answer) => Object(answer).id)).toEqual(texts.map(Number));
    expect(dataOf(client, 'open:a')).toEqual(texts);
  });
}

function refusePublishes(setup: TransportSetup): void {
  it.each<[string, string, object]>([
    ['FORBIDDEN', 'log:a', {}],
    ['UNAUTHENTICATED', 'mine:user-7', {}],
    ['CHANNEL_UNKNOWN', 'nothing:a', {}],
    ['RATE_LIMITED', 'crowded:a', {}],
    ['INTERNAL', 'broken:a', {}],
    ['EVENT_UNKNOWN', 'open:a', { event: 'sung' }],
    ['PAYLOAD_INVALID', 'open:a', { data: 7 }],
    ['KEY_INVALID', 'open:a', { key: 'k' }],
    ['EVENT_NAME_RESERVED', 'open:a', { event: 'state' }],
    ['CHANNEL_KIND_MISMATCH', 'dial:a', {}],
    ['PAYLOAD_INVALID', 'dial:a', { event: 'state', data: 'x' }],
  ])('is refused with %s on %s: %j', async (code, channel, fields) => {
    await using wire = await WireFixture.open(setup, { onError: () => {} });
    const reader = await wire.client({ channels: ['log:a', 'open:a', 'dial:a'] });
    await untilFrames(reader, 'subscribed', { count: 3 });

    const answer = await reader.command({ type: 'publish', id: 3, channel, event: 'said', data: 'hi', ...fields });
    await wire.publish('log:a', 'last');
    await untilFrames(reader, 'event');

    expect(answer).toMatchObject({ type: 'error', code, id: 3, channel });
    expect(framesOf(reader, 'event').map(({ data }) => data)).toEqual(['last']);
    expect(wire.live.stats().published).toBe(1);
  });
}
