/** Writing below the stream of a socket: the part of Node that it rests on, and what it must not lose. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { writeDirect, writeDirectText } from '../../src/http/direct-write.ts';
import { directHandle, type Handle } from '../../src/http/stream-wrap.ts';

const BIG = 20_000_000;

interface Pair extends AsyncDisposable {
  readonly served: Socket;
  readonly peer: Socket;
}

/** Two ends of one connection; the peer does not read yet. */
async function connected(): Promise<Pair> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address: AddressInfo | string | null = server.address();
  const peer = connect(typeof address === 'object' ? (address?.port ?? 0) : 0, '127.0.0.1').pause();
  const [served]: Socket[] = await once(server, 'connection');
  if (served === undefined) throw new Error('No connection was made.');
  served.on('error', () => {});
  peer.on('error', () => {});
  return {
    ...{ served, peer },
    async [Symbol.asyncDispose]() {
      served.destroy();
      peer.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** What the writer is told. */
/** As a transport does: a socket whose peer is gone is destroyed. */
function waiting(socket: Socket): { readonly told: boolean[]; taken(isOpen: boolean): void } {
  const told: boolean[] = [];
  const taken = (isOpen: boolean): void => {
    told.push(isOpen);
    if (!isOpen) socket.destroy();
  };
  return { told, taken };
}

function handleOf(socket: Socket): Handle {
  const handle = directHandle(socket);
  if (handle === undefined) throw new Error('This socket cannot be written to directly.');
  return handle;
}

test('every plain socket of this Node has it, unless its stream holds bytes', async () => {
  await using pair = await connected();

  expect(directHandle(pair.served)).toBeDefined();

  while (pair.served.writableLength === 0) pair.served.write(Buffer.alloc(1_000_000));
  expect(directHandle(pair.served)).toBeUndefined();
});

test('what the kernel does not take at once waits, arrives as it was, and goes before the end', async () => {
  await using pair = await connected();
  const { served, peer } = pair;
  const writer = waiting(served);
  const handle = handleOf(served);

  // Nobody else holds the bytes: what is not kept alive here would be overwritten by what comes after it.
  const outcome = writeDirect(handle, [Buffer.alloc(BIG, 'a')], writer);
  expect(outcome).toBe('buffered');
  expect(handle.writeQueueSize).toBeGreaterThan(0);
  for (let at = 0; at < 200; at += 1) Buffer.alloc(1_000_000, 'x');
  expect(writeDirect(handle, [Buffer.from('end')], writer)).toBe('buffered');
  served.destroySoon();
  const arrived: Buffer[] = [];
  peer.on('data', (chunk) => arrived.push(chunk)).resume();
  await once(peer, 'end');

  const bytes = Buffer.concat(arrived);
  expect(bytes.length).toBe(BIG + 3);
  expect(bytes.subarray(0, BIG).every((byte) => byte === 97)).toBe(true);
  expect(bytes.subarray(BIG).toString()).toBe('end');
  expect(writer.told).toEqual([true, true]);
});

test('a text arrives as its bytes would, at once or behind what waits', async () => {
  await using pair = await connected();
  const { served, peer } = pair;
  const writer = waiting(served);
  const handle = handleOf(served);

  expect(writeDirectText(handle, 'first\r\n', writer)).toBe('written');
  expect(writeDirect(handle, [Buffer.alloc(BIG, 'a')], writer)).toBe('buffered');
  expect(writeDirectText(handle, 'last', writer)).toBe('buffered');
  served.destroySoon();
  const arrived: Buffer[] = [];
  peer.on('data', (chunk) => arrived.push(chunk)).resume();
  await once(peer, 'end');

  const bytes = Buffer.concat(arrived);
  expect(bytes.length).toBe(7 + BIG + 4);
  expect(bytes.toString('latin1', 0, 8)).toBe('first\r\na');
  expect(bytes.toString('latin1', 7 + BIG)).toBe('last');
  expect(writer.told).toEqual([true, true]);
});

test('a writer whose peer goes is told, and gets nothing more out', async () => {
  await using pair = await connected();
  const { served } = pair;
  const writer = waiting(served);
  const handle = handleOf(served);
  expect(writeDirect(handle, [Buffer.alloc(BIG)], writer)).toBe('buffered');
  pair.peer.resetAndDestroy();
  await expect.poll(() => writer.told).toEqual([false]);

  expect(writeDirect(handle, [Buffer.from('more')], writer)).toBe('closed');
  expect(served.destroyed).toBe(true);
  await expect.poll(() => served.closed).toBe(true);
  expect(writeDirect(handle, [Buffer.from('more')], writer)).toBe('closed');
  expect(handle.writeQueueSize ?? 0).toBe(0);
});
