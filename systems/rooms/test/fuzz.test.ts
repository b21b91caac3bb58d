/**
 * P8 and P11 on `/ws` and Socket.IO: ten thousand broken messages, packets, attachments and raw frames each, within the limits of a
 * public server (the polls have a file of their own). Each is read; a peer may lose its own connection, nobody else notices.
 */
import {
  bodyCases,
  CASES,
  cases,
  encodeRawFrame,
  mutatedBytes,
  mutatedText,
  OPCODES,
  type RawFrame,
  RawWebSocket,
} from '@fanfare/testkit';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type FuzzedRooms, type Sequence, SOCKET_IO, sendSequences, startFuzzedRooms } from './fuzzed-rooms.ts';

let rooms: FuzzedRooms;
beforeAll(async () => {
  rooms = await startFuzzedRooms();
});
afterAll(() => rooms[Symbol.asyncDispose]());

const BEGIN = { frame: { payload: '40' }, begun: /welcome/ };

/** Of every type, and what a field of theirs may be taken for. */
const MESSAGES = [
  { type: 'ping' },
  { type: 'echo', message: { a: [1, 2, { b: null }] } },
  { type: 'broadcast', message: 'x' },
  { type: 'join-room', room: 'fuzz', since: 'k3Zq81.15' },
  { type: 'leave-room', room: 'fuzz' },
  { type: 'room-message', room: 'fuzz', message: { text: 'hi' } },
];

/** Of a message or a packet, as a frame of text: what is no UTF-8 ends a connection, and is another row. */
function textFrame(text: string): RawFrame {
  return { payload: Buffer.from(text) };
}

describe('P11 random mutations', { timeout: 300_000 }, () => {
  it('of messages on /ws are answered, each within the limits', async () => {
    const bodies = bodyCases({ bodies: MESSAGES, isStrict: false }).filter(({ what }) => what !== 'utf8');
    const { seed, values } = cases(bodies.map(({ bytes }): Sequence => [{ payload: bytes }]));

    const { handled } = await sendSequences(values, { port: rooms.port, path: '/ws' });

    expect(handled, `seed ${seed}`).toBe(CASES);
    await rooms.expectUnharmed();
  });

  it('of packets of Socket.IO end that session at most', async () => {
    const { seed, values } = cases(fc.oneof({ weight: 3, arbitrary: events() }, { weight: 1, arbitrary: packets() }));

    const { handled } = await sendSequences(values, { port: rooms.port, path: SOCKET_IO, begin: BEGIN });

    expect(handled, `seed ${seed}`).toBe(CASES);
    await rooms.expectUnharmed();
  });

  it('of packets with attachments end that session at most', async () => {
    const { seed, values } = cases(withAttachments());

    const { handled } = await sendSequences(values, { port: rooms.port, path: SOCKET_IO, begin: BEGIN });

    expect(handled, `seed ${seed}`).toBe(CASES);
    await rooms.expectUnharmed();
  });

  it.each([
    [
      '/ws',
      '/ws',
      ['{"type":"ping"}', '{"type":"echo","message":"é"}', `{"type":"echo","message":"${'x'.repeat(300)}"}`],
    ],
    ['/socket.io/', SOCKET_IO, ['40', '420["ping"]', `42["echo",{"message":"é${'x'.repeat(300)}"}]`]],
  ])('of the bytes of frames on %s end the connection with a code of RFC 6455, or are read', async (_, path, texts) => {
    const { seed, values } = cases(mutatedBytes(fc.constantFrom(...framesOf(texts))));
    const ends: number[] = [];
    const left = [...values];
    const lane = async (): Promise<void> => {
      for (let frames = left.splice(0, 2); frames.length > 0; frames = left.splice(0, 2)) {
        using peer = new RawWebSocket({ port: rooms.port, path, isForeign: true });
        await peer.answered();
        peer.socket.write(Buffer.concat(frames));
        // A length that was made longer waits for bytes that never come: whoever has none left says so.
        peer.socket.end();
        await peer.untilClosed();
        if (peer.closedWith !== undefined) ends.push(peer.closedWith.code);
      }
    };
    await Promise.all(Array.from({ length: 32 }, lane));

    expect(
      ends.filter((code) => !isSendable(code)),
      `seed ${seed}`,
    ).toEqual([]);
    expect(ends.length, `seed ${seed}`).toBeGreaterThan(1000);
    await rooms.expectUnharmed();
  });
});

/** Events that are whole packets, whose arguments are almost right, with any number for the acknowledgement. */
function events(): fc.Arbitrary<Sequence> {
  const id = fc.constantFrom('', '', '0', '7', '-1', '00', '1e3', '9007199254740993', '9'.repeat(40), '٣');
  const names = MESSAGES.map(({ type }) => type);
  const name = fc.oneof(
    { weight: 6, arbitrary: fc.constantFrom(...names) },
    { weight: 1, arbitrary: fc.constantFrom('disconnect', 'connect', 'error', '__proto__', 'constructor', '', 'ünï') },
  );
  const args = bodyCases({
    bodies: MESSAGES.map(({ type: _, ...fields }) => ({ ...fields, more: 1 })),
    isStrict: false,
  })
    .filter(
      ({ what }) =>
        what === 'field' || what === 'good' || what === 'twice' || what === 'missing' || what === 'forbidden',
    )
    .map(({ bytes }) => bytes.toString());
  return fc
    .tuple(id, name, fc.array(args, { maxLength: 2 }))
    .map(([ack, event, list]) => [textFrame(`42${ack}${`[${[JSON.stringify(event), ...list].join(',')}]`}`)]);
}

/** Packets of every type, broken anywhere. */
function packets(): fc.Arbitrary<Sequence> {
  const good = fc.constantFrom(
    ...[
      '42["ping"]',
      '421["echo",{"message":{"a":[1,2,{"b":null}]}}]',
      '422["join-room",{"room":"fuzz"}]',
      '42/a,["x"]',
    ],
    ...['40/other,{"token":"x"}', '40{"pid":"x","offset":"y"}', '41', '41/other,', '431["x"]', '44{"message":"no"}'],
    ...['451-["echo",{"_placeholder":true,"num":0}]', '461-1[]', '3', '5', '6', '2probe', '1'],
  );
  const head = fc.constantFrom('42', '43', '45', '46', '451-', '421', '40/', '41/', '42/a,', '4', '');
  const random = fc.tuple(head, fc.oneof(fc.json(), fc.string({ maxLength: 40 }))).map(([first, rest]) => first + rest);
  return fc.oneof(mutatedText(good), random).map((text) => [textFrame(text)]);
}

/** More, fewer or other attachments than a packet says. */
function withAttachments(): fc.Arbitrary<Sequence> {
  const said = fc.constantFrom('0', '1', '2', '3', '-1', '1.5', '', '11', '99999999', '1e9', '9'.repeat(30));
  const num = fc.constantFrom('0', '1', '2', '-1', '0.5', '1e9', '"0"', '"__proto__"', 'null', '[0]', '{}');
  const placeholder = fc
    .tuple(num, fc.constantFrom('true', 'true', '1', '"true"', 'false'))
    .map(([at, is]) => `{"_placeholder":${is},"num":${at}}`);
  const type = fc.constantFrom('5', '5', '5', '6', '2');
  const id = fc.constantFrom('', '7', '/a,', '/a,7');
  const binary = fc.uint8Array({ maxLength: 40 }).map((payload): RawFrame => ({ opcode: OPCODES.binary, payload }));
  return fc
    .tuple(type, said, id, fc.array(placeholder, { maxLength: 3 }), fc.array(binary, { maxLength: 4 }))
    .map(([kind, count, ack, places, attached]) => [
      textFrame(`4${kind}${count}-${ack}["echo",{"message":[${places.join(',')}]}]`),
      ...attached,
    ]);
}

function framesOf(texts: readonly string[]): readonly Buffer[] {
  const [first = ''] = texts;
  return [
    ...texts.map((payload) => encodeRawFrame({ payload })),
    encodeRawFrame({ opcode: OPCODES.binary, payload: 'x' }),
    encodeRawFrame({ opcode: OPCODES.ping, payload: 'are you there' }),
    encodeRawFrame({ opcode: OPCODES.close, payload: Buffer.from([0x03, 0xe8]) }),
    Buffer.concat([
      encodeRawFrame({ payload: first.slice(0, 1), fin: false }),
      encodeRawFrame({ opcode: OPCODES.continuation, payload: first.slice(1) }),
    ]),
  ];
}

/** RFC 6455 §7.4: what may stand in a close frame; 1005: it had none. */
function isSendable(code: number): boolean {
  return (code >= 1000 && code <= 1014 && code !== 1004 && code !== 1006) || (code >= 3000 && code < 5000);
}
