/** The client's short reader of frames beside the protocol's own decoder: whatever that accepts, and nothing that is no frame. */
import { type ClientFrame, decodeServerFrame, encodeFrame, isTransportName, type ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { isFrame, readFrame } from '../src/read-frame.ts';
import { added, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

const channel = fc.stringMatching(/^[\w-]{1,8}(:[\w-]{1,8}){0,3}$/);
const word = fc.string();
const count = fc.nat();
const position = fc.stringMatching(/^[A-Za-z0-9]{1,16}\.[0-9a-z]{1,8}$/);
const transports = fc.subarray(['ws' as const, 'sse' as const, 'poll' as const]);

/** `required`, and any subset of `optional`. */
function frameOf<T extends ServerFrame['type']>(
  type: T,
  required: Readonly<Record<string, fc.Arbitrary<unknown>>>,
  optional: Readonly<Record<string, fc.Arbitrary<unknown>>> = {},
): fc.Arbitrary<object> {
  const fields: Readonly<Record<string, fc.Arbitrary<unknown>>> = { type: fc.constant(type), ...required, ...optional };
  return fc.record(fields, { requiredKeys: ['type', ...Object.keys(required)] });
}

/** Every frame that a server may send [PROTOCOL §5]. */
const FRAMES: { readonly [T in ServerFrame['type']]: fc.Arbitrary<object> } = {
  connected: frameOf('connected', { connection: word, heartbeatMs: count }, { transports }),
  subscribed: frameOf(
    'subscribed',
    { channel, kind: fc.constantFrom('log', 'state', 'signal') },
    {
      id: count,
      position,
      recovered: fc.boolean(),
      cause: fc.constantFrom('trimmed', 'ahead', 'epoch', 'invalid'),
    },
  ),
  event: frameOf(
    'event',
    { channel, event: fc.stringMatching(/^[a-z][\w.-]{0,20}$/), data: fc.jsonValue() },
    { key: word, position },
  ),
  unsubscribed: frameOf('unsubscribed', { channel }, { id: count, code: word, reason: word }),
  heartbeat: frameOf('heartbeat', { time: count }),
  error: frameOf(
    'error',
    { code: word, message: word },
    { channel, id: count, retry: fc.boolean(), details: fc.jsonValue() },
  ),
  close: frameOf('close', { code: count, reason: word, reconnect: fc.boolean() }, { retryMs: count }),
  published: frameOf(
    'published',
    { id: count, duplicate: fc.boolean(), ack: fc.constantFrom('accepted', 'committed', 'durable') },
    { position },
  ),
  authenticated: frameOf('authenticated', {}, { id: count, subject: word }),
  transports: frameOf('transports', { transports }),
};

const TYPES = Object.keys(FRAMES);
const anyFrame = fc.oneof(...Object.values(FRAMES));
/** A field of a frame that holds something else now, or is gone; or a frame with more than it should. */
const spoiled = fc
  .tuple(anyFrame, fc.nat(), fc.oneof(fc.jsonValue(), fc.constant(undefined)), word)
  .map(([frame, pick, value, name]) => {
    const names = [...Object.keys(frame), name];
    return { ...frame, [names[pick % names.length] ?? name]: value };
  });

/** Who reads the list leaves out what it does not know; the protocol's decoder does so itself. */
function withKnownTransports(frame: ReturnType<typeof readFrame>): object {
  if (!('transports' in frame)) return frame;
  return { ...frame, transports: frame.transports?.filter(isTransportName) };
}

describe('reading frames', () => {
  it.each(TYPES)('%s: reads it as it was written', (type) => {
    fc.assert(
      fc.property(FRAMES[type as ServerFrame['type']], (frame) => {
        expect(readFrame(JSON.stringify(frame))).toEqual(JSON.parse(JSON.stringify(frame)));
      }),
    );
  });

  it("accepts whatever the protocol's decoder accepts, with the same content", () => {
    fc.assert(
      fc.property(fc.oneof(anyFrame, spoiled), (sent) => {
        const text = JSON.stringify(sent);
        const decoded = decodeServerFrame(text);
        if (!decoded.ok) return;

        expect(withKnownTransports(readFrame(text))).toMatchObject(JSON.parse(encodeFrame(decoded.value)));
      }),
      { numRuns: 1000 },
    );
  });

  it('tells what it cannot read, and never throws, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          spoiled.map((frame) => JSON.stringify(frame)),
        ),
        (text) => {
          const frame = readFrame(text);

          if (frame.type === 'unreadable') expect(frame.problem).toBe(text);
          else expect(TYPES).toContain(String(frame.type));
        },
      ),
      { numRuns: 1000 },
    );
  });

  it.each([
    ['', 'nothing'],
    ['{"type":"event"', 'cut'],
    ['null', 'no object'],
    ['[]', 'a list'],
    ['"event"', 'a word'],
    ['{}', 'no type'],
    ['{"type":7}', 'a type that is no word'],
    ['{"type":"presence"}', 'a type that this version does not know'],
    ['{"type":"ended"}', 'a word of the client itself'],
    ['{"type":"toString"}', 'what every object has'],
  ])('refuses %j: %s', (text) => {
    expect(readFrame(text).type).toBe('unreadable');
  });

  it('is not a reader of what clients send', () => {
    const frame: ClientFrame = { type: 'subscribe', channel: 'a' };

    expect(isFrame(frame)).toBe(false);
  });

  it('a client that is sent frames with anything in their fields throws nothing, and can begin anew', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(spoiled, { maxLength: 8 }), async (frames) => {
        const { client, platform, accept } = harness();
        const seen: number[] = [];
        client.channel('log:a').on('added', (data) => seen.push(data));
        client.channel('board:1').on('state', () => undefined);
        await accept(subscribed('log:a', 'e.0'), subscribed('board:1', 'e.0'));

        platform.stream.text(frames.map((frame) => `data: ${JSON.stringify(frame)}\n\n`).join(''));
        await settle();
        client.close();
        await settle();
        client.channel('log:b').on('added', (data) => seen.push(data));
        await accept(subscribed('log:b', 'e.6'), added('log:b', 7));

        expect(client.connection.status).toBe('live');
        expect(seen).toContain(7);
      }),
      { numRuns: 200 },
    );
  });
});
