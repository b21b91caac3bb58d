/**
 * Objects that are made for every connection and every event have one shape. Where Node 20 copies an object into a literal that begins with
 * a spread and goes on, V8 makes a shape of its own for each: half a microsecond, and a tenth for whoever reads one of its fields [decision 0021].
 */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInThisContext } from 'node:vm';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { Publisher } from '../../src/channels/publisher.ts';
import { HubHost } from '../../src/core/hub-host.ts';
import { Hub } from '../../src/core/index.ts';
import { Followers } from '../../src/engines/followers.ts';
import { startLive } from './live-fixture.ts';

const COUNT = 60;
/** The first ones are looked at by V8 in ways of their own. */
const SETTLED = 30;
const UPGRADE =
  'Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\n';

const sameShape = nativeSameShape();

afterEach(() => vi.restoreAllMocks());

function nativeSameShape(): (one: unknown, other: unknown) => boolean {
  setFlagsFromString('--allow-natives-syntax');
  const found: unknown = runInThisContext('(one, other) => %HaveSameMap(one, other)');
  if (typeof found !== 'function') throw new Error('V8 does not tell shapes.');
  // It is read when it is called first.
  Reflect.apply(found, undefined, [{}, {}]);
  setFlagsFromString('--no-allow-natives-syntax');
  return (one, other) => Reflect.apply(found, undefined, [one, other]) === true;
}

/** How many shapes there are among those that came last. */
function shapes(objects: readonly unknown[]): number {
  const kinds: unknown[] = [];
  for (const one of objects.slice(SETTLED)) if (!kinds.some((kind) => sameShape(kind, one))) kinds.push(one);
  return kinds.length;
}

async function ask(port: number, request: string): Promise<Socket> {
  const socket = connect({ port, host: '127.0.0.1' }).on('error', () => {});
  socket.write(request);
  await once(socket, 'data');
  return socket;
}

describe.each([
  ['SSE', 'GET /live/sse?channel=log:a HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a poll', 'GET /live/poll?channel=log:a&wait=0 HTTP/1.1\r\nHost: localhost\r\n\r\n'],
  ['a WebSocket', `GET /live/ws HTTP/1.1\r\nHost: localhost\r\n${UPGRADE}\r\n`],
])('a connection over %s', (_, request) => {
  it('is opened, and subscribes, with objects of one shape', async () => {
    const opened = vi.spyOn(Hub.prototype, 'open');
    const subscribed = vi.spyOn(HubHost.prototype, 'subscribe');
    await using server = await startLive();
    server.live.attach(server.server);

    const sockets: Socket[] = [];
    for (let n = 0; n < COUNT; n += 1) sockets.push(await ask(server.port, request));

    expect(opened).toHaveBeenCalledTimes(COUNT);
    expect(shapes(opened.mock.calls.map(([, handshake]) => handshake))).toBe(1);
    expect(shapes(subscribed.mock.calls.map(([, , options]) => options))).toBeLessThanOrEqual(1);
    for (const socket of sockets) socket.destroy();
  });
});

it('what is published within the process, and a signal, has one shape for each verb', async () => {
  const published = vi.spyOn(Publisher.prototype, 'publish');
  const set = vi.spyOn(Publisher.prototype, 'set');
  const delivered = vi.spyOn(Followers.prototype, 'deliver');
  await using server = await startLive();
  const { live } = server;

  for (let n = 0; n < COUNT; n += 1) await live.channel('log:a').publish('said', n, { idempotencyKey: `${n}` });
  for (let n = 0; n < COUNT; n += 1) await live.channel('state:a').set(n, { key: `${n}` });
  const before = delivered.mock.calls.length;
  for (let n = 0; n < COUNT; n += 1) await live.channel('signal:a').publish('said', n);
  const signals = delivered.mock.calls.slice(before).map(([events]) => events[0]);

  expect(shapes(published.mock.calls.slice(0, COUNT).map(([request]) => request))).toBe(1);
  expect(shapes(set.mock.calls.map(([request]) => request))).toBe(1);
  expect(signals).toHaveLength(COUNT);
  expect(shapes(signals)).toBe(1);
});
