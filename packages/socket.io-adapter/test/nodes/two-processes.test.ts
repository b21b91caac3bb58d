/** Two processes with Socket.IO each, on one Redis: what any cluster adapter does, and clients that come back to the other one. */
import { fileURLToPath } from 'node:url';
import { findRedis, type Nodes, type ServerProcess, startFaultProxy, startNodes } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { Client, TIMEOUT } from '../io-support.ts';

const range = (from: number, to: number): number[] => Array.from({ length: to - from }, (_, n) => from + n);

let nodes: Nodes;
const clients: Client[] = [];

/** Something that the application of a node does in process; its result. */
async function act(node: ServerProcess, what: string, about: object = {}): Promise<unknown> {
  const response = await fetch(`${node.url}/do`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: JSON.stringify({ act: what, ...about }),
  });
  expect(response.status).toBe(200);
  return Object(await response.json()).result;
}

async function connect(url: string, options: ConstructorParameters<typeof Client>[1] = {}): Promise<Client> {
  const client = new Client(url, options);
  clients.push(client);
  return client.connected();
}

const idOf = ({ socket }: Client): string => socket.id ?? '';
const knowEachOther = (): Promise<void> =>
  vi.waitFor(async () => {
    expect([await act(nodes.a, 'servers'), await act(nodes.b, 'servers')]).toEqual([2, 2]);
  }, TIMEOUT);

describe.skipIf(findRedis() === undefined)('two processes with Socket.IO on one Redis', () => {
  beforeAll(async () => {
    nodes = await startNodes({ script: fileURLToPath(new URL('io-node-child.mjs', import.meta.url)) });
    await knowEachOther();
  });
  afterAll(async () => {
    for (const { socket } of clients) socket.disconnect();
    await nodes?.[Symbol.asyncDispose]();
  });

  it('emit to everybody, to rooms, and to all but some, in one order', async () => {
    const [one, two, three] = [
      await connect(nodes.a.url),
      await connect(nodes.b.url),
      await connect(nodes.b.url, { transports: ['polling'] }),
    ];
    for (const client of [one, two]) await client.socket.emitWithAck('join', 'x');

    for (const n of range(0, 50)) await act(n % 2 === 0 ? nodes.a : nodes.b, 'emit', { args: ['n', n] });
    await act(nodes.a, 'emit', { room: 'x', args: ['to', 'room'] });
    await act(nodes.b, 'emit', { room: 'x', except: idOf(one), args: ['to', 'but one'] });
    await act(nodes.a, 'emit', { except: 'x', args: ['to', 'outside'] });
    await act(nodes.a, 'emit', { args: ['end'] });
    await Promise.all([one, two, three].map((client) => client.got('end', 1)));

    expect(one.of('n').toSorted((x, y) => Number(x) - Number(y))).toEqual(range(0, 50));
    for (const client of [two, three]) expect(client.of('n')).toEqual(one.of('n'));
    expect(one.of('to')).toEqual(['room']);
    expect(two.of('to')).toEqual(['room', 'but one']);
    expect(three.of('to')).toEqual(['outside']);
  });

  it('gather the acknowledgements of all clients in a room', async () => {
    const asked = [await connect(nodes.a.url), await connect(nodes.b.url), await connect(nodes.b.url)];
    for (const [index, { socket }] of asked.entries()) {
      await socket.emitWithAck('join', 'asked');
      socket.on('ask', (answer: (n: number) => void) => answer(index));
    }

    const answers: unknown = await act(nodes.a, 'ask', { room: 'asked', args: ['ask'] });

    expect(Array.isArray(answers) ? answers.toSorted() : answers).toEqual([0, 1, 2]);
  });

  it('find, move and disconnect sockets of each other', async () => {
    const far = await connect(nodes.b.url, { auth: { name: 'far' } });
    const id = idOf(far);

    expect(await act(nodes.a, 'sockets', { room: id })).toEqual([{ id, rooms: [id], data: { name: 'far' } }]);
    await act(nodes.a, 'join', { of: id, room: 'moved' });
    await vi.waitFor(async () => {
      expect(await act(nodes.a, 'sockets', { room: 'moved' })).toMatchObject([{ id }]);
    }, TIMEOUT);
    await act(nodes.a, 'emit', { room: 'moved', args: ['hi', 1] });
    await far.got('hi', 1);
    await act(nodes.a, 'leave', { of: id, room: 'moved' });
    await vi.waitFor(async () => expect(await act(nodes.b, 'rooms')).not.toContain('moved'), TIMEOUT);
    await act(nodes.a, 'disconnect', { of: id });
    await vi.waitFor(() => expect(far.socket.connected).toBe(false), TIMEOUT);
    expect(far.socket.active).toBe(false);
  });

  it('talk to each other, and get answers', async () => {
    await act(nodes.a, 'serverEmit', { args: ['said', 'hello'] });

    await vi.waitFor(async () => expect(await act(nodes.b, 'heard')).toEqual(['hello']), TIMEOUT);
    expect(await act(nodes.a, 'heard')).toEqual([]);
    expect(await act(nodes.a, 'serverAsk', { args: ['question', 'who?'] })).toEqual([`who? ${nodes.b.port}`]);
  });

  it.each([[['websocket']], [['polling', 'websocket']]])(
    'a client of one that is killed with -9 is recovered by the other, and has everything once, over %j',
    async (transports) => {
      await using balancer = await startFaultProxy({ targetPort: nodes.a.port });
      const client = await connect(balancer.url, { transports, timeout: 3000 });
      const witness = await connect(nodes.b.url);
      const id = idOf(client);
      for (const one of [client, witness]) {
        for (const room of ['own', 'room:a']) await one.socket.emitWithAck('join', room);
      }
      const send = async (node: ServerProcess, n: number): Promise<void> => {
        await act(node, 'emit', { args: ['all', n] });
        await act(node, 'emit', { room: 'own', args: ['own', n] });
        await act(node, 'emit', { room: 'room:a', args: ['said', n] });
      };
      for (const n of range(0, 5)) {
        await send(n % 2 === 0 ? nodes.a : nodes.b, n);
        // Only then the other one: nobody orders what two servers say at once.
        await Promise.all(['all', 'own', 'said'].map((name) => client.got(name, n + 1)));
      }

      balancer.refuse(true);
      await nodes.a.stop('SIGKILL');
      await vi.waitFor(() => expect(client.socket.connected).toBe(false), TIMEOUT);
      for (const n of range(5, 15)) await send(nodes.b, n);
      // One that finds a wire busy is dropped, as it may be.
      await vi.waitFor(async () => {
        await act(nodes.b, 'volatile', { args: ['gone', 1] });
        expect(witness.of('gone')).not.toEqual([]);
      }, TIMEOUT);
      balancer.targetPort = nodes.b.port;
      balancer.refuse(false);
      await vi.waitFor(() => expect(client.socket.connected).toBe(true), TIMEOUT);
      for (const n of range(15, 20)) await send(nodes.b, n);

      for (const name of ['all', 'own', 'said']) expect(await client.got(name, 20)).toEqual(range(0, 20));
      expect(client.socket.recovered).toBe(true);
      expect(idOf(client)).toBe(id);
      expect(client.of('gone')).toEqual([]);
      expect(await act(nodes.b, 'sockets', { room: id })).toMatchObject([{ id, rooms: [id, 'own', 'room:a'].sort() }]);
      client.socket.disconnect();
      await nodes.a.start();
      await knowEachOther();
      expect(`${nodes.a.output}${nodes.b.output}`).not.toContain('FAULT');
    },
  );
});
