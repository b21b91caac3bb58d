/** Writing below the stream of a socket: the part of Node that it rests on, and what it must not lose. */
import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { expect, test } from 'vitest';
import { isDirect, writeDirect } from '../../src/transports/direct-write.ts';

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
function waiting(): { readonly told: boolean[]; taken(isOpen: boolean): void } {
  const told: boolean[] = [];
  return { told, taken: (isOpen) => void told.push(isOpen) };
}

test('every plain socket of this Node has it, unless its stream holds bytes', async () => {
  await using pair = await connected();

  expect(isDirect(pair.served)).toBe(true);

  while (pair.served.writableLength === 0) pair.served.write(Buffer.alloc(1_000_000));
  expect(isDirect(pair.served)).toBe(false);
});

test('what the kernel does not take at once waits, arrives as it was, and goes before the end', async () => {
  await using pair = await connected();
  const { served, peer } = pair;
  const writer = waiting();
  if (!isDirect(served)) throw new Error('This socket cannot be written to directly.');

  // Nobody else holds the bytes: what is not kept alive here would be overwritten by what comes after it.
  const outcome = writeDirect(served, [Buffer.alloc(BIG, 'a')], writer);
  expect(outcome).toBe('buffered');
  expect(served._handle?.writeQueueSize).toBeGreaterThan(0);
  for (let at = 0; at < 200; at += 1) Buffer.alloc(1_000_000, 'x');
  expect(writeDirect(served, [Buffer.from('end')], writer)).toBe('buffered');
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

test('a writer whose peer goes is told, and gets nothing more out', async () => {
  await using pair = await connected();
  const { served } = pair;
  const writer = waiting();
  if (!isDirect(served)) throw new Error('This socket cannot be written to directly.');

  expect(writeDirect(served, [Buffer.alloc(BIG)], writer)).toBe('buffered');
  pair.peer.resetAndDestroy();
  await expect.poll(() => writer.told).toEqual([false]);

  expect(writeDirect(served, [Buffer.from('more')], writer)).toBe('closed');
  expect(served.destroyed).toBe(true);
  expect(writeDirect(served, [Buffer.from('more')], writer)).toBe('closed');
});
