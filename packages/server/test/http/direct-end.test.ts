/** Hearing below the stream of a socket that the peer has gone: the part of Node that it rests on, and that nothing else changes. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { type EndListener, hearEnd } from '../../src/http/direct-end.ts';
import { directHandle } from '../../src/http/stream-wrap.ts';

interface Heard extends AsyncDisposable {
  readonly served: Socket;
  readonly peer: Socket;
  /** What the stream of the served socket told. */
  readonly told: string[];
  /** How often the listener was told. */
  times(): number;
}

/** One connection, whose end is heard by a listener that sees to it, or does not. */
async function heard({ seesTo }: { readonly seesTo: boolean }): Promise<Heard> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  const peer = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1').on('error', () => {});
  const [served]: Socket[] = await once(server, 'connection');
  const handle = served && directHandle(served);
  if (served === undefined || handle === undefined) throw new Error('No connection was made.');
  const told: string[] = [];
  served
    .on('error', () => told.push('error'))
    .on('end', () => told.push('end'))
    .on('close', () => told.push('close'));
  served.on('data', (bytes) => told.push(bytes.toString()));
  let times = 0;
  const listener: EndListener = {
    peerLeft: () => {
      times += 1;
      return seesTo;
    },
  };
  hearEnd(handle, listener);
  return {
    ...{ served, peer, told },
    times: () => times,
    async [Symbol.asyncDispose]() {
      served.destroy();
      peer.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

const LEAVES = [
  ['closes its half', (peer: Socket) => void peer.end()],
  ['resets the connection', (peer: Socket) => void peer.resetAndDestroy()],
] as const;

test.each(LEAVES)('a peer that %s is heard once, and the stream is not told', async (_, leave) => {
  await using pair = await heard({ seesTo: true });
  pair.peer.write('last words');
  await expect.poll(() => pair.told).toEqual(['last words']);

  leave(pair.peer);
  await expect.poll(() => pair.times()).toBe(1);
  const toldBefore = [...pair.told];
  pair.served.destroy();
  await once(pair.served, 'close');

  expect(toldBefore).toEqual(['last words']);
  expect(pair.told).toEqual(['last words', 'close']);
  expect(pair.times()).toBe(1);
});

test('a listener that does not see to it leaves the stream as it is: the end', async () => {
  await using pair = await heard({ seesTo: false });

  pair.peer.end('last words');
  await once(pair.served, 'close');

  expect(pair.told).toEqual(['last words', 'end', 'close']);
  expect(pair.times()).toBe(1);
});

test('a listener that does not see to it leaves the stream as it is: a reset', async () => {
  await using pair = await heard({ seesTo: false });

  pair.peer.resetAndDestroy();
  await expect.poll(() => pair.told).toEqual(['error', 'close']);

  expect(pair.times()).toBe(1);
});

test('a socket that is written to after its peer has gone, and before that is seen to, is told like any other', async () => {
  await using pair = await heard({ seesTo: true });
  pair.peer.resetAndDestroy();
  await expect.poll(() => pair.times()).toBe(1);

  pair.served.write('to nobody');

  await expect.poll(() => pair.told).toEqual(['error', 'close']);
});
