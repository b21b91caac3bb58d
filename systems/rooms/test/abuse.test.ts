/**
 * P8 on both endpoints: fragments, floods, lies about attachments, deep nesting, prototype names. A peer may lose its own connection;
 * nobody else's suffers, nothing is thrown, and the loop goes on.
 */
import { fileURLToPath } from 'node:url';
import { lateness, OPCODES, RawWebSocket, startServerProcess } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { WebSocket } from 'ws';
import { Client, type Running, startRooms, TIMEOUT } from './rooms-support.ts';
import { IoClient } from './socket-io-support.ts';

const CHILD = fileURLToPath(new URL('./rooms-child.mjs', import.meta.url));
const SOCKET_IO = '/socket.io/?EIO=4&transport=websocket';

/** A client of each kind that must notice nothing. */
async function bystanders(server: Running): Promise<{ readonly plain: Client; readonly io: IoClient } & Disposable> {
  const plain = await server.connect().welcomed();
  const io = await new IoClient(server.url).welcomed();
  return {
    plain,
    io,
    [Symbol.dispose]() {
      plain[Symbol.dispose]();
      io[Symbol.dispose]();
    },
  };
}

async function expectWell({ plain, io }: { readonly plain: Client; readonly io: IoClient }): Promise<void> {
  expect(await plain.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  expect(await io.ask('ping')).toMatchObject({ type: 'pong' });
}

function faults(server: Running): readonly unknown[] {
  return server.log.filter(({ message }) => message === 'rooms failed');
}

describe.each([
  ['/ws', '/ws'],
  ['/socket.io/', SOCKET_IO],
])('P8 on %s', (_, path) => {
  const open = async (server: Running): Promise<RawWebSocket> => {
    const peer = new RawWebSocket({ port: server.port, path, isForeign: true });
    await vi.waitFor(() => expect(peer.texts.length).toBeGreaterThan(0), TIMEOUT);
    return peer;
  };

  it('a message in more fragments than make sense ends its connection before it holds them', async () => {
    await using server = await startRooms({ rooms: AS_SHIPPED });
    using others = await bystanders(server);
    using peer = await open(server);
    for (let n = 0; n < 200 && !peer.closed; n += 1) {
      peer.write({ opcode: n === 0 ? OPCODES.text : OPCODES.continuation, payload: 'x', fin: false });
    }
    await peer.untilClosed();

    expect(peer.closedWith?.code).toBe(1008);
    await expectWell(others);
  });

  it('a message larger than the limit ends its connection with 1009', async () => {
    await using server = await startRooms({ rooms: AS_SHIPPED });
    using others = await bystanders(server);
    using peer = await open(server);
    peer.write({ payload: 'x'.repeat(65_537) });
    await peer.untilClosed();

    expect(peer.closedWith?.code).toBe(1009);
    await expectWell(others);
  });

  it('a compressed message is not taken: nobody agreed to any', async () => {
    await using server = await startRooms({ rooms: AS_SHIPPED });
    using others = await bystanders(server);
    using peer = await open(server);
    peer.write({ payload: 'x', reserved: 4 });
    await peer.untilClosed();

    expect(peer.closedWith?.code).toBe(1002);
    await expectWell(others);
  });
});

/** What an attacker meets: no bound is wider than the rooms have it. */
const AS_SHIPPED = { rate: { perSecond: 50, burst: 200 } };

describe('P8 on Socket.IO', () => {
  it('a POST larger than the limit, JSONP, and methods of other times are refused', async () => {
    await using server = await startRooms({ rooms: AS_SHIPPED });
    using others = await bystanders(server);
    const url = `${server.url}/socket.io/?EIO=4&transport=polling`;
    const { sid }: { sid: string } = JSON.parse((await (await fetch(url)).text()).slice(1));

    const large = await fetch(`${url}&sid=${sid}`, { method: 'POST', body: 'x'.repeat(70_000) });
    expect(large.status).toBe(413);
    // A script of any page could read what comes as a script.
    expect((await fetch(`${url}&j=0`)).status).toBe(400);
    expect((await fetch(url, { method: 'DELETE' })).status).toBe(405);
    expect((await fetch(`${server.url}/socket.io/`)).status).toBe(400);
    expect((await fetch(`${server.url}/socket.io/socket.io.js`)).status).toBe(404);
    await expectWell(others);
  });

  it.each([
    ['attachments that never come', ['451-["echo",{"_placeholder":true,"num":0}]', '42["ping"]']],
    ['a million attachments', ['451000000-["echo"]', '42["ping"]']],
    ['an attachment that points elsewhere', ['451-["echo",{"_placeholder":true,"num":"__proto__"}]', Buffer.from('x')]],
    ['namespaces without end', Array.from({ length: 500 }, (_, n) => `40/n${n},`)],
    ['a namespace with a long name', [`40/${'n'.repeat(60_000)},`]],
    ['30 000 levels', [`42["echo",${'['.repeat(30_000)}${']'.repeat(30_000)}]`]],
    [
      'prototype names',
      ['42["__proto__",{}]', '42["constructor",{"prototype":{}}]', '42["join-room",{"__proto__":{"room":"a"}}]'],
    ],
    ['events of the library itself', ['42["disconnect"]', '42["connect_error"]']],
    ['an acknowledgement that nobody asked for', ['431["x"]', '43999999999999999999[]']],
    ['pings that a server sends', ['2', '2probe', '5', '6']],
  ] as readonly (readonly [string, readonly (string | Buffer)[]])[])('%s hurt nobody else', async (_, packets) => {
    await using server = await startRooms({ rooms: AS_SHIPPED });
    using others = await bystanders(server);
    const socket = new WebSocket(`ws://127.0.0.1:${server.port}${SOCKET_IO}`);
    socket.on('error', () => {});
    const answers: string[] = [];
    socket.on('message', (data) => answers.push(String(data)));
    await vi.waitFor(() => expect(answers.length).toBe(1), TIMEOUT);
    socket.send('40');
    await vi.waitFor(() => expect(answers.some((text) => text.includes('welcome'))).toBe(true), TIMEOUT);

    for (const packet of packets) socket.send(packet);

    await expectWell(others);
    await expectWell(others);
    expect(faults(server)).toEqual([]);
    expect(server.rooms.getClientsInfo().flatMap(({ rooms }) => rooms)).toEqual([]);
    expect(Object.hasOwn(Object.prototype, 'room')).toBe(false);
    socket.terminate();
  });
});

it('a flood at the pace of a public server costs its sender the connection, and the loop nothing', async () => {
  await using server = await startServerProcess({ script: CHILD, watchesLoop: true });
  using plain = await new Client(server.port).welcomed();
  await server.loop();
  for (let round = 0; round < 10; round += 1) {
    using flooder = await new Client(server.port).welcomed();
    for (let n = 0; n < 5000; n += 1) flooder.send('{"type":"echo","message":[[[[["flood"]]]]]}');
    expect((await flooder.ended())?.code).toBe(1008);
  }

  expect(await plain.ask({ type: 'ping' })).toMatchObject({ type: 'pong' });
  expect(lateness(await server.loop())).toBeUndefined();
});
