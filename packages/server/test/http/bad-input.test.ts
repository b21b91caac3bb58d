/** Everything a hostile or broken client sends: a stable code, nothing changed, and the process goes on [reliability P1-P11]. */
import { once } from 'node:events';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { HeldServer } from './held-server.ts';
import { errorCode, rawConnection, statuses } from './http-fixture.ts';
import { apiHead, type LiveServer, publishHead } from './live-fixture.ts';

let held: HeldServer;
let server: LiveServer;

beforeAll(async () => {
  held = await HeldServer.start();
  server = held.server;
});
beforeEach(() => held.mark());
afterAll(() => held[Symbol.asyncDispose]());

const GOOD = { channel: 'public:a', event: 'e', data: 1 };

describe('a publish with bad fields', () => {
  const injections = [
    'a\rb',
    'a\nb',
    'a\r\n\r\nb',
    'a\u0000b',
    'a\u2028b',
    'a\uFEFFb',
    'a b',
    'ä',
    '',
    'a'.repeat(129),
    '../a',
    'a*',
    'a>',
    '%61',
  ];

  it.each([
    ['no object', [], 'FIELD_INVALID', 'body'],
    ['null', null, 'FIELD_INVALID', 'body'],
    ['a text', '"text"', 'FIELD_INVALID', 'body'],
    ['no channel', { event: 'e', data: 1 }, 'FIELD_MISSING', 'channel'],
    ['no event', { channel: 'public:a', data: 1 }, 'FIELD_MISSING', 'event'],
    ['no data', { channel: 'public:a', event: 'e' }, 'FIELD_MISSING', 'data'],
    ['a channel that is a list', { ...GOOD, channel: ['public:a'] }, 'FIELD_INVALID', 'channel'],
    ['an event that is a number', { ...GOOD, event: 7 }, 'FIELD_INVALID', 'event'],
    ['an idempotency key that is null', { ...GOOD, idempotencyKey: null }, 'FIELD_INVALID', 'idempotencyKey'],
    ['an unknown field', { ...GOOD, chanel: 'x' }, 'FIELD_UNKNOWN', 'chanel'],
    ['a key of Object.prototype', { ...GOOD, constructor: 1 }, 'FIELD_UNKNOWN', 'constructor'],
    [
      'a __proto__ key',
      '{"channel":"public:a","event":"e","data":1,"__proto__":{"event":"x"}}',
      'FIELD_UNKNOWN',
      '__proto__',
    ],
    [
      'a __proto__ key in its data',
      '{"channel":"public:a","event":"e","data":{"__proto__":1}}',
      'FIELD_UNKNOWN',
      '__proto__',
    ],
  ])('(%s) is refused with the field', async (_, body, code, field) => {
    const answer = await server.call('publish', body);

    expect(answer).toMatchObject({ status: 400, body: { error: { code, details: { field } } } });
    await held.expectUnharmed();
  });

  it.each([
    ['revoke', {}, 'FIELD_MISSING', 'tokenId, subject or issuedBefore'],
    ['disconnect', {}, 'FIELD_MISSING', 'subject, tokenId, connection or channel'],
    ['transports', { transports: ['ws', 'carrier-pigeon'] }, 'FIELD_INVALID', 'transports.1'],
    ['transports', { transports: [] }, 'FIELD_INVALID', 'transports'],
    ['explain', { channel: 'public:a' }, 'FIELD_MISSING', 'action'],
  ])('%s %j is refused with the field', async (call, body, code, field) => {
    expect(await server.call(call, body)).toMatchObject({ status: 400, body: { error: { code, details: { field } } } });
  });

  it.each(injections)('(%j as channel, event and idempotency key) is refused', async (text) => {
    const channel = await server.call('publish', { ...GOOD, channel: text });
    const segment = await server.call('publish', { ...GOOD, channel: `public:${text}` });
    const event = await server.call('publish', { ...GOOD, event: text });

    expect(Object(channel.body).error.code).toMatch(/^CHANNEL_(NAME_INVALID|UNKNOWN)$/);
    expect(Object(segment.body).error.code).toBe('CHANNEL_NAME_INVALID');
    expect(Object(event.body).error.code).toBe('EVENT_NAME_INVALID');
    await held.expectUnharmed();
  });

  it.each(['a\rb', 'a\nb', 'a\u0000b', '', 'a'.repeat(129), 'ä'])('(%j as a key) is refused', async (text) => {
    const idempotent = await server.call('publish', { ...GOOD, idempotencyKey: text });
    const keyed = await server.call('set', { channel: 'public-state:a', data: 1, key: text });

    expect(idempotent).toMatchObject({ status: 400, body: { error: { code: 'IDEMPOTENCY_KEY_INVALID' } } });
    expect(keyed).toMatchObject({ status: 400, body: { error: { code: 'KEY_INVALID' } } });
    await held.expectUnharmed();
  });

  it.each([
    ['publish', { channel: 'nobody:knows', event: 'e', data: 1 }, 404, 'CHANNEL_UNKNOWN'],
    ['publish', { channel: 'public-state:a', event: 'e', data: 1 }, 409, 'CHANNEL_KIND_MISMATCH'],
    ['publish', { ...GOOD, event: 'heartbeat' }, 400, 'EVENT_NAME_RESERVED'],
    ['set', { channel: 'public:a', data: 1 }, 409, 'CHANNEL_KIND_MISMATCH'],
    ['set', { channel: 'public-state:a', data: 1, event: 'e' }, 400, 'FIELD_UNKNOWN'],
    ['history', { channel: 'public:a', after: 'garbage' }, 400, 'POSITION_INVALID'],
    ['history', { channel: 'public:a', limit: 0 }, 400, 'LIMIT_INVALID'],
    ['history', { channel: 'public:a', limit: 1e9 }, 400, 'LIMIT_INVALID'],
    ['history', { channel: 'public:a', limit: '5' }, 400, 'FIELD_INVALID'],
    ['channels', { all: true }, 400, 'FIELD_UNKNOWN'],
    ['stats', [], 400, 'FIELD_INVALID'],
  ])('(%s %j) is refused', async (name, body, status, code) => {
    expect(await server.call(name, body)).toMatchObject({ status, body: { error: { code } } });
    await held.expectUnharmed();
  });
});

describe('a body that is no good', () => {
  it.each([
    ['wrong JSON', '{"channel":', 400, 'JSON_INVALID'],
    ['no JSON', 'channel=public:a', 400, 'JSON_INVALID'],
    ['65 KiB', JSON.stringify({ ...GOOD, data: 'x'.repeat(65 * 1024) }), 413, 'BODY_TOO_LARGE'],
    ['33 levels', JSON.stringify(GOOD).replace('1', '['.repeat(32) + ']'.repeat(32)), 400, 'JSON_TOO_DEEP'],
    ['64 KiB of brackets', '['.repeat(65_000), 400, 'JSON_TOO_DEEP'],
  ])('(%s) is refused', async (_, body, status, code) => {
    expect(await server.call('publish', body)).toMatchObject({ status, body: { error: { code } } });
    await held.expectUnharmed();
  });

  it('(another content type) is refused', async () => {
    const answer = await server.call('publish', JSON.stringify(GOOD), { 'Content-Type': 'text/plain' });

    expect(answer).toMatchObject({ status: 415, body: { error: { code: 'CONTENT_TYPE_UNSUPPORTED' } } });
    await held.expectUnharmed();
  });

  it('(invalid UTF-8) is refused', async () => {
    const body = Buffer.concat([
      Buffer.from('{"channel":"public:a","event":"e","data":"'),
      Buffer.of(0xc3, 0x28),
      Buffer.from('"}'),
    ]);
    const answer = await rawConnection(server.port, Buffer.concat([Buffer.from(publishHead(body.length)), body])).ended;

    expect([statuses(answer), errorCode(answer)]).toEqual([[400], 'JSON_INVALID']);
    await held.expectUnharmed();
  });

  it('(ten thousand random mutations of a good one) is answered, and at most what still is a publish is stored', async () => {
    const good = Buffer.from(JSON.stringify({ ...GOOD, channel: 'public:fuzz', idempotencyKey: 'k' }));
    const edits = fc.array(fc.tuple(fc.nat({ max: good.length - 1 }), fc.nat({ max: 255 })), {
      minLength: 1,
      maxLength: 4,
    });
    const bodies = fc.sample(edits, 10_000).map((list) => mutated(good, list));
    const answer = await pipelined(bodies);

    const codes = statuses(answer);
    expect(codes).toHaveLength(bodies.length);
    const odd = bodies.filter((_, index) => ![200, 400, 404, 409].includes(codes[index] ?? 0));
    expect(odd.map(String)).toEqual([]);
    await held.expectUnharmed(codes.filter((status) => status === 200).length);
  }, 60_000);
});

function mutated(good: Buffer, edits: readonly (readonly [number, number])[]): Buffer {
  const copy = Buffer.from(good);
  for (const [at, byte] of edits) copy[at] = byte;
  return copy;
}

/** All bodies as publishes over one connection, as a backend with keep-alive would send them. */
async function pipelined(bodies: readonly Buffer[]): Promise<string> {
  const raw = rawConnection(server.port, '');
  for (const [index, body] of bodies.entries()) {
    const connection = index === bodies.length - 1 ? 'close' : 'keep-alive';
    const head = apiHead('publish', body.length, connection);
    if (!raw.socket.write(Buffer.concat([Buffer.from(head), body]))) await once(raw.socket, 'drain');
  }
  return raw.ended;
}
