/** The client's short reader of frames beside the protocol's own decoder: whatever that accepts, and nothing that is no frame. */
import { type ClientFrame, decodeServerFrame, encodeFrame, isTransportName, type ServerFrame } from '@fanfare/protocol';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { checkFrame, readFrame } from '../src/read-frame.ts';

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
function withKnownTransports(frame: ServerFrame | string): object | string {
  if (typeof frame === 'string' || !('transports' in frame)) return frame;
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

  it('says in words what is wrong, and never throws, whatever the text is', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.string(),
          fc.json(),
          spoiled.map((frame) => JSON.stringify(frame)),
        ),
        (text) => {
          const frame = readFrame(text);

          if (typeof frame === 'string') {
            expect(frame).not.toBe('');
            expect(decodeServerFrame(text).ok).toBe(false);
          } else expect(TYPES).toContain(frame.type);
        },
      ),
      { numRuns: 1000 },
    );
  });

  it('never throws at a value that no JSON text could be', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true, withMap: true }), (value) => {
        expect(typeof checkFrame(value)).toBe('string');
      }),
    );
  });

  it.each([
    ['', 'nothing'],
    ['{', 'half a frame'],
    ['null', 'null'],
    ['[]', 'a list'],
    ['"event"', 'a word'],
    ['{}', 'no type'],
    ['{"type":7}', 'a type that is no word'],
    ['{"type":"presence"}', 'a type that this version does not know'],
  ])('refuses %j: %s', (text) => {
    expect(typeof readFrame(text)).toBe('string');
  });

  it.each<readonly [Readonly<Record<string, unknown>>, string]>([
    [{ type: 'event', channel: 'a', event: 'e' }, 'data'],
    [{ type: 'event', channel: 7, event: 'e', data: 1 }, 'channel'],
    [{ type: 'event', channel: 'a', data: 1 }, 'event'],
    [{ type: 'event', channel: 'a', event: 'e', data: 1, key: 1 }, 'key'],
    [{ type: 'event', channel: 'a', event: 'e', data: 1, position: null }, 'position'],
    [{ type: 'connected', connection: 'c', heartbeatMs: -1 }, 'heartbeatMs'],
    [{ type: 'connected', connection: 'c', heartbeatMs: 1.5 }, 'heartbeatMs'],
    [{ type: 'connected', connection: 'c', heartbeatMs: 1, retryMs: '1' }, 'retryMs'],
    [{ type: 'connected', connection: 'c', heartbeatMs: 1, transports: 'ws' }, 'transports'],
    [{ type: 'subscribed', channel: 'a' }, 'kind'],
    [{ type: 'subscribed', channel: 'a', kind: 'log', recovered: 'yes' }, 'recovered'],
    [{ type: 'unsubscribed' }, 'channel'],
    [{ type: 'heartbeat' }, 'time'],
    [{ type: 'error', code: 'X' }, 'message'],
    [{ type: 'error', code: 'X', message: '', id: '1' }, 'id'],
    [{ type: 'close', code: 3000, reason: '' }, 'reconnect'],
    [{ type: 'close', code: 3000, reason: '', reconnect: true, retryMs: '1' }, 'retryMs'],
    [{ type: 'published', id: 1, ack: 'committed' }, 'duplicate'],
    [{ type: 'published', duplicate: false, ack: 'committed' }, 'id'],
    [{ type: 'transports' }, 'transports'],
  ])('refuses %j and names the field: %s', (frame, field) => {
    expect(checkFrame(frame)).toContain(field);
  });

  it.each(['toString', '__proto__', 'constructor'])('refuses the type %s, which every object has', (type) => {
    expect(checkFrame({ type })).toContain(type);
  });

  it('does not take for a field what the prototype of an object holds', () => {
    const inherited: unknown = Object.assign(Object.create({ time: 1 }), { type: 'heartbeat' });

    expect(checkFrame(inherited)).toContain('time');
  });

  it('is not a reader of what clients send', () => {
    const frame: ClientFrame = { type: 'subscribe', channel: 'a' };

    expect(typeof checkFrame(frame)).toBe('string');
  });
});
