/** Frames as JSON, both directions [PROTOCOL §5]. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  decodeClientFrame,
  decodeServerFrame,
  encodeEventJson,
  encodeFrame,
  jsonDepthWithin,
  readClientFrame,
  type ServerFrame,
  sseEventName,
} from '../src/index.ts';
import { clientFrame, serverFrame } from './arbitraries.ts';

describe('the JSON codec', () => {
  it('gives every server frame back', () => {
    fc.assert(
      fc.property(serverFrame, (frame) => {
        const text = encodeFrame(frame);
        fc.pre(jsonDepthWithin(text, 64));

        expect(decodeServerFrame(text)).toEqual({ ok: true, value: frame });
      }),
      { numRuns: 2000 },
    );
  });

  it('gives every client frame back', () => {
    fc.assert(
      fc.property(clientFrame, (frame) => {
        const text = encodeFrame(frame);
        fc.pre(jsonDepthWithin(text, 32));

        expect(decodeClientFrame(text)).toEqual({ ok: true, value: frame });
      }),
      { numRuns: 2000 },
    );
  });

  it('embeds a payload as it was serialised, with the optional fields only where they mean something', () => {
    const event = { channel: 'court:1', event: 'state', dataJson: '{ "a" : 1.0 }', key: '' };

    expect(encodeEventJson(event)).toBe('{"type":"event","channel":"court:1","event":"state","data":{ "a" : 1.0 }}');
    expect(encodeEventJson({ ...event, key: 'k', position: 'e.1' })).toBe(
      '{"type":"event","channel":"court:1","event":"state","key":"k","position":"e.1","data":{ "a" : 1.0 }}',
    );
  });

  it('writes an event frame as the hub writes it', () => {
    fc.assert(
      fc.property(serverFrame, (frame) => {
        fc.pre(frame.type === 'event');
        if (frame.type !== 'event') return;
        const dataJson = JSON.stringify(frame.data);

        expect(encodeFrame(frame)).toBe(encodeEventJson({ ...frame, key: frame.key ?? '', dataJson }));
      }),
    );
  });

  it('writes a payload of undefined as null', () => {
    expect(encodeFrame({ type: 'event', channel: 'a', event: 'b', data: undefined })).toContain('"data":null');
  });
});

describe('the decoders', () => {
  it.each([
    ['', 'frame', 'JSON', '""'],
    ['{', 'frame', 'JSON', '"{"'],
    ['null', 'frame', 'an object', 'null'],
    ['[]', 'frame', 'an object', 'an array'],
    ['"x"', 'frame', 'an object', '"x"'],
    ['{}', 'type', 'the type of a server frame', 'nothing'],
    ['{"type":"toString"}', 'type', 'the type of a server frame', '"toString"'],
    ['{"type":["event"]}', 'type', 'the type of a server frame', 'an array'],
    ['{"type":"subscribe","channel":"a"}', 'type', 'the type of a server frame', '"subscribe"'],
    ['{"type":"connected","connection":7,"heartbeatMs":1}', 'connection', 'a string', '7'],
    ['{"type":"connected","connection":"a","heartbeatMs":-1}', 'heartbeatMs', 'a whole number from 0', '-1'],
    ['{"type":"connected","connection":"a","heartbeatMs":1.5}', 'heartbeatMs', 'a whole number from 0', '1.5'],
    ['{"type":"subscribed","channel":"a b","kind":"log"}', 'channel', 'a channel name', '"a b"'],
    ['{"type":"subscribed","channel":"a","kind":"topic"}', 'kind', 'log or state or signal', '"topic"'],
    ['{"type":"subscribed","channel":"a","kind":"log","recovered":1}', 'recovered', 'true or false', '1'],
    [
      '{"type":"subscribed","channel":"a","kind":"log","cause":"x"}',
      'cause',
      'trimmed or ahead or epoch or invalid',
      '"x"',
    ],
    ['{"type":"event","channel":"a","event":"b"}', 'data', 'any JSON value', 'nothing'],
    ['{"type":"event","channel":"a","event":"b\\n","data":1}', 'event', 'an event name', '"b\\n"'],
    [
      '{"type":"event","channel":"a","event":"b","data":1,"position":5}',
      'position',
      'a string of at most 4096 characters',
      '5',
    ],
    ['{"type":"transports","transports":"poll"}', 'transports', 'an array', '"poll"'],
    ['{"type":"authenticated","subject":7}', 'subject', 'a string', '7'],
    ['{"type":"heartbeat","time":"now"}', 'time', 'a whole number from 0', '"now"'],
    ['{"type":"error","code":"X"}', 'message', 'a string', 'nothing'],
    ['{"type":"close","code":3000,"reason":"x"}', 'reconnect', 'true or false', 'nothing'],
    [
      '{"type":"published","id":1,"duplicate":false,"ack":"maybe"}',
      'ack',
      'accepted or committed or durable',
      '"maybe"',
    ],
  ])('refuse the server frame %s by field, expected and got', (text, field, expected, got) => {
    expect(decodeServerFrame(text)).toEqual({ ok: false, problem: { code: 'FRAME_INVALID', field, expected, got } });
  });

  it.each([
    ['{"type":"event"}', 'type', 'subscribe, unsubscribe, publish, auth or ping', '"event"'],
    ['{"type":"subscribe"}', 'channel', 'a channel name', 'nothing'],
    ['{"type":"subscribe","channel":"a","id":"1"}', 'id', 'a whole number from 0', '"1"'],
    ['{"type":"unsubscribe","channel":null}', 'channel', 'a channel name', 'null'],
    ['{"type":"publish","channel":"a","event":"b","data":1}', 'id', 'a whole number from 0', 'nothing'],
    ['{"type":"publish","id":1,"channel":"a","event":"b"}', 'data', 'any JSON value', 'nothing'],
    [
      '{"type":"publish","id":1,"channel":"a","event":"lost","data":1}',
      'event',
      'an event name that is not reserved',
      '"lost"',
    ],
    [
      '{"type":"publish","id":1,"channel":"a","event":"state","key":"a b","data":1}',
      'key',
      '1 to 128 of A-Z a-z 0-9 _ . : ~ @ -',
      '"a b"',
    ],
    [
      '{"type":"publish","id":1,"channel":"a","event":"b","data":1,"idempotencyKey":""}',
      'idempotencyKey',
      '1 to 128 visible ASCII characters',
      '""',
    ],
    ['{"type":"auth"}', 'token', '1 to 8192 visible ASCII characters', 'nothing'],
    ['{"type":"auth","token":"a b"}', 'token', '1 to 8192 visible ASCII characters', 'something else'],
  ])('refuse the client frame %s by field, expected and got', (text, field, expected, got) => {
    const refused = decodeClientFrame(text);

    expect(refused).toMatchObject({ ok: false, problem: { code: 'FRAME_INVALID', field, expected, got } });
    expect(readClientFrame(JSON.parse(text))).toEqual(refused);
  });

  it('tell the id of a client frame that they refuse, when it has one: somebody waits for the answer', () => {
    expect(decodeClientFrame('{"type":"publish","id":7,"channel":"a b"}')).toMatchObject({ ok: false, id: 7 });
    for (const text of ['{"type":"nap","id":-1}', '{"type":"nap","id":"7"}', '{"type":"nap"}', '[]', '7', '{']) {
      expect(decodeClientFrame(text)).not.toHaveProperty('id');
    }
  });

  it('leave out transports that this version does not know: a newer server may speak more', () => {
    const transports = '"transports":["smoke","poll",null]';
    expect(decodeServerFrame(`{"type":"transports",${transports}}`)).toEqual({
      ok: true,
      value: { type: 'transports', transports: ['poll'] },
    });
    expect(decodeServerFrame(`{"type":"connected","connection":"a","heartbeatMs":1,${transports}}`)).toMatchObject({
      value: { transports: ['poll'] },
    });
  });

  it('drop fields they do not know, so that a newer peer may add some', () => {
    expect(decodeClientFrame('{"type":"ping","extra":{"a":1}}')).toEqual({ ok: true, value: { type: 'ping' } });
  });

  it('take no field from a prototype, sent or polluted', () => {
    const sent = '{"__proto__":{"channel":"a"},"type":"subscribe"}';
    expect(decodeClientFrame(sent)).toMatchObject({ ok: false, problem: { field: 'channel' } });

    const nested = decodeServerFrame(
      '{"type":"event","channel":"a","event":"b","data":{"__proto__":{"polluted":true}}}',
    );
    expect(nested.ok).toBe(true);
    expect(Object.hasOwn(Object.prototype, 'polluted')).toBe(false);

    Object.defineProperty(Object.prototype, 'recovered', { value: true, configurable: true });
    try {
      const frame = decodeServerFrame('{"type":"subscribed","channel":"a","kind":"log"}');
      expect(frame.ok && Object.hasOwn(frame.value, 'recovered')).toBe(false);
    } finally {
      Reflect.deleteProperty(Object.prototype, 'recovered');
    }
  });

  it('refuse deep nesting before it is parsed', () => {
    const deep = (levels: number) =>
      `{"type":"publish","id":1,"channel":"a","event":"b","data":${'['.repeat(levels)}${']'.repeat(levels)}}`;

    expect(decodeClientFrame(deep(31)).ok).toBe(true);
    expect(decodeClientFrame(deep(32))).toMatchObject({
      ok: false,
      problem: { expected: 'JSON nested at most 32 levels deep' },
    });
    expect(decodeClientFrame(deep(1_000_000)).ok).toBe(false);
  });

  it('return a result on 10 000 random mutations of good frames, and never throw', () => {
    const noise = fc.oneof(
      fc.constantFrom('{', '}', '[', '"', ',', ':', '\\', 'null', '1e999', '\0', '__proto__'),
      fc.string({ unit: 'binary', maxLength: 4 }),
    );
    const edits = fc.array(fc.tuple(fc.nat(1000), fc.nat(5), noise), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.oneof(serverFrame, clientFrame), edits, (frame, changes) => {
        const text = changes.reduce((whole, [place, gone, added]) => {
          const at = place % (whole.length + 1);
          return whole.slice(0, at) + added + whole.slice(at + gone);
        }, encodeFrame(frame));
        for (const result of [decodeServerFrame(text), decodeClientFrame(text)]) {
          if (result.ok) continue;
          expect(result.problem.code).toBe('FRAME_INVALID');
          expect(result.problem.field).not.toBe('');
        }
      }),
      { numRuns: 10_000 },
    );
  });
});

describe('the SSE name of a frame [§6.2]', () => {
  const subscribed = { type: 'subscribed', channel: 'a', kind: 'log' } as const;

  it.each<[string, ServerFrame]>([
    ['subscribed', subscribed],
    ['recovered', { ...subscribed, recovered: true }],
    ['lost', { ...subscribed, recovered: false, cause: 'trimmed' }],
    ['point', { type: 'event', channel: 'a', event: 'point', data: 1 }],
    ['connected', { type: 'connected', connection: 'c', heartbeatMs: 1 }],
    ['heartbeat', { type: 'heartbeat', time: 1 }],
    ['error', { type: 'error', code: 'X', message: 'x' }],
    ['close', { type: 'close', code: 3000, reason: 'x', reconnect: true }],
    ['unsubscribed', { type: 'unsubscribed', channel: 'a', code: 'X', reason: 'x' }],
    ['transports', { type: 'transports', transports: ['poll'] }],
    ['authenticated', { type: 'authenticated' }],
    ['published', { type: 'published', id: 1, duplicate: false, ack: 'accepted' }],
  ])('is %s', (name, frame) => {
    expect(sseEventName(frame)).toBe(name);
  });
});
