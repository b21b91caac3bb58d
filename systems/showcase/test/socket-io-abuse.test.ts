/** P8 Socket.IO abuse: what no client of it sends, over its polling and its WebSocket; that session ends, and the others do not notice. */
import { OPCODES, type RawFrame, RawWebSocket, type ServerProcess } from '@fanfare/testkit';
import { io, type Socket } from 'socket.io-client';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { startShowcase } from './start.ts';

const PATH = '/socket.io/?EIO=4&transport=';
const TIMEOUT = { timeout: 15_000, interval: 20 };
let server: ServerProcess;
let bystander: Socket;
let asked = 0;

beforeAll(async () => {
  server = await startShowcase();
  bystander = io(server.url, { transports: ['websocket'], reconnection: false });
  await vi.waitFor(() => expect(bystander.connected).toBe(true), TIMEOUT);
});
afterEach(async () => {
  // The same connection as at the beginning is served, and nothing was logged that is a fault of ours.
  expect(bystander.connected).toBe(true);
  asked += 1;
  expect(await bystander.timeout(10_000).emitWithAck('join', { room: `still-here-${asked}` })).toBeTruthy();
  expect(server.output).not.toMatch(/"level":(50|60)|unhandled|uncaught/i);
  expect((await fetch(`${server.url}/healthz`)).status).toBe(200);
});
afterAll(async () => {
  bystander.disconnect();
  await server[Symbol.asyncDispose]();
});

/** What a WebSocket of Engine.IO comes to once it was sent these. */
async function send(
  ...frames: readonly RawFrame[]
): Promise<{ readonly status: number; readonly closed: boolean; readonly code: number | undefined }> {
  using socket = new RawWebSocket({ port: server.port, path: `${PATH}websocket`, readsFrames: false });
  await socket.answered();
  for (const frame of frames) socket.write(frame);
  socket.write({ opcode: OPCODES.ping, payload: 'read' });
  await vi.waitUntil(() => socket.closed || socket.pongs.length > 0, TIMEOUT);
  return { status: socket.status, closed: socket.closed, code: socket.closedWith?.code };
}

/** A session over polling: its id. */
async function handshake(): Promise<string> {
  const text = await (await fetch(`${server.url}${PATH}polling`)).text();
  return JSON.parse(text.slice(1)).sid;
}

async function poll(sid: string, body: BodyInit, type = 'text/plain;charset=UTF-8'): Promise<number> {
  const answer = await fetch(`${server.url}${PATH}polling&sid=${sid}`, {
    method: 'POST',
    headers: { 'Content-Type': type },
    body,
  });
  await answer.text();
  return answer.status;
}

const CONNECT: RawFrame = { payload: '40' };
const event = (name: string, data: string): RawFrame => ({ payload: `42["${name}",${data}]` });

describe('P8 Socket.IO abuse', { timeout: 120_000 }, () => {
  it.each<[string, readonly RawFrame[], number]>([
    ['a message over 64 KiB', [CONNECT, { payload: `42["x","${'y'.repeat(70_000)}"]` }], 1009],
    [
      '65 fragments',
      Array.from({ length: 65 }, (_, n) => ({
        opcode: n === 0 ? OPCODES.text : OPCODES.continuation,
        payload: 'x',
        fin: false,
      })),
      1008,
    ],
    ['text that is not UTF-8', [{ payload: Buffer.from([0x34, 0xff]) }], 1007],
    ['a reserved bit', [{ payload: '40', reserved: 4 }], 1002],
    ['a message without a mask', [{ payload: '40', masked: false }], 1002],
  ])('(%s) ends the WebSocket', async (_, frames, code) => {
    expect(await send(...frames)).toEqual({ status: 101, closed: true, code });
  });

  it.each<[string, readonly RawFrame[]]>([
    ['no packet', [{ payload: '' }]],
    ['a packet of no type', [{ payload: 'x' }]],
    ['an event before a namespace', [event('join', '{"room":"a"}')]],
    ['an event that is no JSON', [CONNECT, { payload: '42["join",' }]],
    ['an event that is no list', [CONNECT, { payload: '42{"join":1}' }]],
    ['an event without a name', [CONNECT, { payload: '42[]' }]],
    ['an event whose name is an object', [CONNECT, { payload: '42[{"__proto__":1}]' }]],
    ['a name of its own', [CONNECT, event('disconnect', '1'), event('connect', '1'), event('newListener', '1')]],
    [
      'a name of the prototype',
      [CONNECT, event('__proto__', '{}'), event('constructor', '{}'), event('toString', '{}')],
    ],
    ['an acknowledgement of nothing', [CONNECT, { payload: '43999["x"]' }]],
    ['an acknowledgement with a number that is none', [CONNECT, { payload: '4299999999999999999999["join",{}]' }]],
    ['attachments that never come', [CONNECT, { payload: '459999-["x",{"_placeholder":true,"num":0}]' }]],
    ['an attachment of nothing', [CONNECT, { opcode: OPCODES.binary, payload: 'x' }]],
    [
      'a placeholder out of range',
      [CONNECT, { payload: '451-["x",{"_placeholder":true,"num":7}]' }, { opcode: OPCODES.binary, payload: 'x' }],
    ],
    ['a namespace that does not exist', [{ payload: '40/admin,{}' }]],
    ['a thousand namespaces', Array.from({ length: 1000 }, (_, n) => ({ payload: `40/n${n},` }))],
    ['the same namespace twice', [CONNECT, CONNECT]],
    ['a handshake that is no object', [{ payload: '40"text"' }]],
    ['sixty levels of lists', [CONNECT, event('join', `${'['.repeat(5000)}${']'.repeat(5000)}`)]],
    ['a session to recover that is made up', [{ payload: '40{"pid":"made-up","offset":"made-up"}' }]],
    ['a pong, an upgrade and a noop unasked', [{ payload: '3' }, { payload: '5' }, { payload: '6' }]],
  ])('(%s) ends that session at most', async (_, frames) => {
    const { status } = await send(...frames);

    expect(status).toBe(101);
  });

  it('(a page of another origin) is refused', async () => {
    const headers = { Origin: 'https://evil.example' };
    using socket = new RawWebSocket({ port: server.port, path: `${PATH}websocket`, headers });
    await socket.answered();

    expect(socket.status).toBeGreaterThanOrEqual(400);
    expect((await fetch(`${server.url}${PATH}polling`, { headers })).status).toBe(403);
  });

  it('(a poll that is none) is refused with 400', async () => {
    for (const query of [
      'EIO=3&transport=polling',
      'EIO=4&transport=carrier-pigeon',
      'EIO=4&transport=polling&sid=made-up',
      'EIO=4&transport=__proto__',
    ]) {
      expect((await fetch(`${server.url}/socket.io/?${query}`)).status, query).toBe(400);
    }
    for (const method of ['PUT', 'DELETE']) {
      expect((await fetch(`${server.url}${PATH}polling`, { method })).status).toBe(405);
    }
  });

  it('(bodies of a poll that are too large, broken or binary) end that session at most', async () => {
    expect(await poll(await handshake(), 'x'.repeat(70_000))).toBe(413);
    for (const body of [
      '',
      'x',
      '4',
      '\x1e\x1e\x1e',
      '40\x1e42["join"',
      `${'4\x1e'.repeat(10_000)}`,
      'b////',
      Buffer.from([0x34, 0xff]),
    ]) {
      expect([200, 400]).toContain(await poll(await handshake(), body));
    }
    expect([200, 400, 415, 500]).toContain(await poll(await handshake(), '40', 'application/octet-stream'));
  });

  it('(a thousand sessions that are begun and left) leave no client behind', async () => {
    await Promise.all(
      Array.from({ length: 10 }, async () => {
        for (let n = 0; n < 100; n += 1) await handshake();
      }),
    );

    const health = await (await fetch(`${server.url}/health`)).json();
    expect(Object(health).websocket.clients).toBe(1);
  });
});
