/** P1 to P3 on a WebSocket: what RFC 6455 forbids, frame by frame and written to a bare socket, ends that connection and no other. */
import { encodeRawFrame, OPCODES, type RawFrame, RawWebSocket } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { type AttackServer, startAttacked } from './attack-server.ts';

let server: AttackServer;
/** Has nothing to do with any of it, and must not notice. */
let bystander: RawWebSocket;

beforeAll(async () => {
  server = await startAttacked();
  bystander = new RawWebSocket({ port: server.port });
  bystander.send({ type: 'subscribe', channel: 'log:kept' });
  await bystander.until((frame) => frame.type === 'subscribed');
});
afterAll(async () => {
  expect(bystander.closed).toBe(false);
  bystander[Symbol.dispose]();
  await server.expectUnharmed();
  await server[Symbol.asyncDispose]();
});

type Bytes = RawFrame | Buffer;

/** Writes them, and returns the code that the server closes with. */
async function closeCodeOf(...frames: readonly Bytes[]): Promise<number | undefined> {
  using socket = new RawWebSocket({ port: server.port });
  await socket.until((frame) => frame.type === 'connected');
  for (const frame of frames) socket.socket.write(Buffer.isBuffer(frame) ? frame : encodeRawFrame(frame));
  await socket.untilClosed();
  return socket.closedWith?.code;
}

const close = (code: number, reason: Buffer | string = ''): RawFrame => {
  const payload = Buffer.alloc(2);
  payload.writeUInt16BE(code);
  return { opcode: OPCODES.close, payload: Buffer.concat([payload, Buffer.from(reason)]) };
};
const PING = '{"type":"ping"}';
const { text, continuation, ping, pong } = OPCODES;
const INVALID_UTF8: readonly (readonly [string, readonly number[]])[] = [
  ['a byte that begins nothing', [0xff]],
  ['a continuation byte alone', [0x80]],
  ['a sequence that is cut', [0xe2, 0x82]],
  ['an overlong form', [0xc0, 0xaf]],
  ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ['a code point past the last', [0xf4, 0x90, 0x80, 0x80]],
];

describe('P1 malformed frames', () => {
  it.each([1, 2, 4, 7])('with the reserved bits %i end with 1002, whatever the frame', async (reserved) => {
    expect(await closeCodeOf({ payload: PING, reserved })).toBe(1002);
    expect(await closeCodeOf({ opcode: ping, reserved })).toBe(1002);
    expect(await closeCodeOf({ ...close(1000), reserved })).toBe(1002);
    expect(await closeCodeOf({ payload: '{', fin: false }, { opcode: continuation, payload: '}', reserved })).toBe(
      1002,
    );
  });

  it.each([3, 4, 5, 6, 7, 11, 12, 13, 14, 15])(
    'of the opcode %i, which nobody knows, end with 1002',
    async (opcode) => {
      expect(await closeCodeOf({ opcode, payload: 'x' })).toBe(1002);
      expect(await closeCodeOf({ opcode })).toBe(1002);
    },
  );

  it.each<[string, readonly Bytes[]]>([
    ['a continuation of nothing', [{ opcode: continuation, payload: PING }]],
    ['a continuation of nothing that is not the last', [{ opcode: continuation, payload: PING, fin: false }]],
    ['a second text message inside the first', [{ payload: '{', fin: false }, { payload: PING }]],
    [
      'a binary message inside a text message',
      [
        { payload: '{', fin: false },
        { opcode: OPCODES.binary, payload: 'x' },
      ],
    ],
    ['a ping in fragments', [{ opcode: ping, payload: 'a', fin: false }]],
    ['a pong in fragments', [{ opcode: pong, fin: false }]],
    ['a close frame in fragments', [{ ...close(1000), fin: false }]],
    ['a ping of 126 bytes', [{ opcode: ping, payload: 'x'.repeat(126) }]],
    ['a pong of 126 bytes', [{ opcode: pong, payload: 'x'.repeat(126) }]],
    ['a close frame of 126 bytes', [close(1000, 'x'.repeat(124))]],
    ['a text without a mask', [{ payload: PING, masked: false }]],
    ['a ping without a mask', [{ opcode: ping, masked: false }]],
    ['a close frame without a mask', [{ ...close(1000), masked: false }]],
    ['a close frame of one byte', [{ opcode: OPCODES.close, payload: Buffer.of(3) }]],
  ])('(%s) end with 1002', async (_, frames) => {
    expect(await closeCodeOf(...frames)).toBe(1002);
  });

  it.each([0, 1, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535])(
    'that close with %i, which must not be sent, end with 1002',
    async (code) => {
      expect(await closeCodeOf(close(code))).toBe(1002);
    },
  );

  it.each([1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 3000, 3999, 4000, 4999])(
    'are none where they close with %i: the code comes back',
    async (code) => {
      expect(await closeCodeOf(close(code, 'bye'))).toBe(code);
    },
  );

  it('are none where a close frame is empty: it comes back as such (1005)', async () => {
    expect(await closeCodeOf({ opcode: OPCODES.close })).toBe(1005);
  });

  it('do not follow a close frame: nothing behind it is read', async () => {
    const before = (await server.gauges()).published;
    const publish = '{"type":"publish","id":1,"channel":"log:behind","event":"e","data":1}';

    expect(await closeCodeOf(close(1000), { payload: publish })).toBe(1000);
    expect((await server.gauges()).published).toBe(before);
  });

  it.each<[string, number, Buffer]>([
    ['2^63 bytes', 1009, Buffer.from([0x81, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ['2^53 bytes', 1009, Buffer.from([0x81, 0xff, 0, 0x20, 0, 0, 0, 0, 0, 0, 1, 2, 3, 4])],
    ['65 537 bytes', 1009, Buffer.from([0x81, 0xff, 0, 0, 0, 0, 0, 1, 0, 1, 1, 2, 3, 4])],
  ])('that announce %s end with %i before any of them has come', async (_, code, head) => {
    expect(await closeCodeOf(head)).toBe(code);
  });

  it('may have control frames between the fragments of a message', async () => {
    using socket = new RawWebSocket({ port: server.port });
    socket.write({ payload: '{"type":', fin: false });
    socket.write({ opcode: ping, payload: 'in between' });
    socket.write({ opcode: continuation, payload: '', fin: false });
    socket.write({ opcode: pong, payload: 'unasked' });
    socket.write({ opcode: continuation, payload: '"ping"}' });

    await socket.until((frame) => frame.type === 'heartbeat');
    expect(socket.pongs.map(String)).toEqual(['in between']);
  });

  it('are read the same, however their bytes are cut', async () => {
    using socket = new RawWebSocket({ port: server.port });
    await socket.answered();
    for (const byte of encodeRawFrame({ payload: PING })) {
      await new Promise<void>((resolve) => {
        socket.socket.write(Buffer.of(byte), () => resolve());
      });
    }
    await socket.until((frame) => frame.type === 'heartbeat');
  });
});

describe('P2 tiny fragments', () => {
  const fragments = (count: number, payload: string): readonly RawFrame[] =>
    Array.from({ length: count }, (_, n) => ({ opcode: n === 0 ? text : continuation, payload, fin: false }));

  it('of a message that never ends are closed with 1008 at the 65th', async () => {
    expect(await closeCodeOf(...fragments(65, 'x'))).toBe(1008);
  });

  it('without any content are no way around it', async () => {
    expect(await closeCodeOf(...fragments(65, ''))).toBe(1008);
  });

  it('from twenty clients hold next to nothing', async () => {
    const sockets = Array.from({ length: 20 }, () => new RawWebSocket({ port: server.port }));
    await Promise.all(sockets.map((socket) => socket.until((frame) => frame.type === 'connected')));
    const before = (await server.memory()).rss;

    for (const socket of sockets) for (const frame of fragments(64, 'x')) socket.write(frame);
    for (const socket of sockets) socket.write({ opcode: ping, payload: 'read' });
    await vi.waitUntil(() => sockets.every((socket) => socket.pongs.length > 0), { timeout: 10_000 });

    expect((await server.memory()).rss - before).toBeLessThan(16 * 1024 * 1024);
    for (const socket of sockets) socket[Symbol.dispose]();
  });

  it('of one byte each, of the socket and not of the message, are read as one message, 64 KiB long', async () => {
    using socket = new RawWebSocket({ port: server.port });
    await socket.answered();
    const message = encodeRawFrame({ payload: `"${'x'.repeat(60_000)}"` });
    for (let at = 0; at < message.length; at += 100) socket.socket.write(message.subarray(at, at + 100));

    expect(await socket.until((frame) => frame.type === 'error')).toMatchObject({ code: 'FRAME_INVALID' });
  });
});

describe('P3 oversize', () => {
  it('(a WebSocket message over 64 KiB, whole and in fragments) is closed with 1009', async () => {
    const half: RawFrame = { payload: 'x'.repeat(40_000), fin: false };
    expect(await closeCodeOf({ payload: 'x'.repeat(65_537) })).toBe(1009);
    expect(await closeCodeOf(half, { ...half, opcode: continuation })).toBe(1009);
  });

  it('(a message of exactly 64 KiB) is read', async () => {
    using socket = new RawWebSocket({ port: server.port });
    socket.send(`"${'x'.repeat(65_534)}"`);

    expect(await socket.until((frame) => frame.type === 'error')).toMatchObject({ code: 'FRAME_INVALID' });
  });
});

describe('P6 invalid UTF-8 on a WebSocket', () => {
  it.each(INVALID_UTF8)('(%s) ends with 1007, in one frame and cut in two', async (_, bytes) => {
    const payload = Buffer.from([0x22, ...bytes, 0x22]);
    const [head, tail] = [payload.subarray(0, 2), payload.subarray(2)];

    expect(await closeCodeOf({ payload })).toBe(1007);
    expect(await closeCodeOf({ payload: head, fin: false }, { opcode: continuation, payload: tail })).toBe(1007);
    expect(await closeCodeOf(close(1000, Buffer.from(bytes)))).toBe(1007);
  });

  it('is none where a character is cut by a fragment', async () => {
    using socket = new RawWebSocket({ port: server.port });
    const whole = Buffer.from('{"type":"ping","word":"🙂"}');
    socket.write({ payload: whole.subarray(0, 25), fin: false });
    socket.write({ opcode: continuation, payload: whole.subarray(25) });

    await socket.until((frame) => frame.type === 'heartbeat');
  });
});
