/** One room on two servers: a message crosses from `/ws` to Socket.IO to SSE and back, and what is revoked or ended on one ends on the other. */
import { connectSse, type Nodes, type ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { Client, TIMEOUT } from '../rooms-support.ts';
import { IoClient } from '../socket-io-support.ts';
import { api, describeNodes, startTwo, tokenOf } from './two-nodes.ts';

/** What reliability.md rule 12 promises. */
const WITHIN = { timeout: 5000, interval: 5 };

let nodes: Nodes;
const plain = (node: ServerProcess, user?: string): Promise<Client> =>
  new Client(node.port, user === undefined ? {} : { headers: { Authorization: `Bearer ${tokenOf(user)}` } }).welcomed();
const stock = (node: ServerProcess, user?: string): Promise<IoClient> =>
  new IoClient(node.url, user === undefined ? {} : { auth: { token: tokenOf(user) } }).welcomed();
const said = (messages: readonly unknown[]): readonly unknown[] =>
  messages.flatMap((one) => (Object(one).type === 'room-message' ? [Object(one).message] : []));

describeNodes('the rooms on two nodes', () => {
  beforeAll(async () => {
    nodes = await startTwo();
  });
  afterAll(() => nodes?.[Symbol.asyncDispose]());

  it('are one room: /ws on A, Socket.IO on B, SSE on A and B, in one order, whoever speaks', async () => {
    const { a, b } = nodes;
    using ws = await plain(a);
    using io = await stock(b);
    using polling = await new IoClient(b.url, { transports: ['polling'] }).welcomed();
    await ws.ask({ type: 'join-room', room: 'one' });
    for (const client of [io, polling])
      expect(await client.ask('join-room', 'one')).toMatchObject({ type: 'room-joined' });
    using sseA = await connectSse({ port: a.port, channels: ['room:one'] });
    using sseB = await connectSse({ port: b.port, channels: ['room:one'] });
    const isFollowed = () => [sseA, sseB].every((sse) => sse.frames.some(({ type }) => type === 'subscribed'));
    await vi.waitUntil(isFollowed, TIMEOUT);

    ws.send({ type: 'room-message', room: 'one', message: 'from /ws' });
    await io.got('room-message', 1);
    expect(await io.ask('room-message', { room: 'one', message: 'from Socket.IO' })).toMatchObject({
      type: 'room-message',
    });
    await vi.waitUntil(() => said(ws.messages).length === 2, TIMEOUT);
    const data = { message: 'from a backend' };
    await api(a, 'publish', { channel: 'room:one', event: 'room-message', data });
    const order = ['from /ws', 'from Socket.IO', 'from a backend'];
    const bySse = (sse: typeof sseA) =>
      sse.frames.flatMap((frame) => (frame.type === 'event' ? [Object(frame.data).message] : []));
    const heard = () => [
      said(ws.messages),
      ...[io, polling].map((one) => one.of('room-message').map((m) => Object(m).message)),
      bySse(sseA),
      bySse(sseB),
    ];

    await vi.waitFor(() => expect(heard()).toEqual(heard().map(() => order)), TIMEOUT);
  });

  it('broadcast to everybody on both', async () => {
    using one = await plain(nodes.a);
    using two = await plain(nodes.b);
    using three = await stock(nodes.b);

    one.send({ type: 'broadcast', message: 'all' });

    await three.got('broadcast', 1);
    await vi.waitUntil(
      () => [one, two].every((client) => client.messages.some(({ type }) => type === 'broadcast')),
      TIMEOUT,
    );
  });

  it('recover on B from a position that A gave', async () => {
    using talker = await plain(nodes.b);
    using gone = await plain(nodes.a);
    for (const client of [talker, gone]) await client.ask({ type: 'join-room', room: 'since' });
    talker.send({ type: 'room-message', room: 'since', message: 0 });
    await vi.waitUntil(() => said(gone.messages).length === 1, TIMEOUT);
    const since = gone.messages.at(-1)?.['position'];
    gone.socket.terminate();
    for (const n of [1, 2, 3]) talker.send({ type: 'room-message', room: 'since', message: n });
    await vi.waitUntil(() => said(talker.messages).length === 4, TIMEOUT);

    using back = await plain(nodes.b);
    const joined = await back.ask({ type: 'join-room', room: 'since', since });
    await vi.waitUntil(() => said(back.messages).length === 3, TIMEOUT);

    expect(joined).toMatchObject({ type: 'room-joined', recovered: true });
    expect(said(back.messages)).toEqual([1, 2, 3]);
  });

  it('count members and clients per node, as documented', async () => {
    using here = await plain(nodes.a);
    using there = await stock(nodes.b);

    expect(await here.ask({ type: 'join-room', room: 'count' })).toMatchObject({ members: 1 });
    expect(await there.ask('join-room', 'count')).toMatchObject({ members: 1 });
    const listed = async (node: ServerProcess) => Object(await api(node, 'channels', {})).channels;
    for (const node of [nodes.a, nodes.b]) {
      expect(await listed(node)).toContainEqual(expect.objectContaining({ channel: 'room:count', subscribers: 1 }));
    }
  });

  it.each([
    ['revoked by subject', 'revoke', (user: string) => ({ subject: user })],
    ['revoked by token', 'revoke', (user: string) => ({ tokenId: `t-${user}` })],
    ['disconnected', 'disconnect', (user: string) => ({ subject: user })],
  ])('A6: who is %s on A ends on B within 5 s, over /ws and Socket.IO', async (how, verb, target) => {
    const user = how.replaceAll(' ', '-');
    using ws = await plain(nodes.b, user);
    using io = await stock(nodes.b, user);
    using polling = await new IoClient(nodes.b.url, {
      transports: ['polling'],
      auth: { token: tokenOf(user) },
    }).welcomed();
    using spared = await stock(nodes.b, 'spared');
    for (const client of [io, polling]) await client.ask('join-room', 'a6');
    await ws.ask({ type: 'join-room', room: 'a6' });

    const began = performance.now();
    await api(nodes.a, verb, target(user));
    await vi.waitUntil(() => ws.closed !== undefined && !io.socket.connected && !polling.socket.connected, WITHIN);
    const took = performance.now() - began;
    await api(nodes.a, 'publish', { channel: 'room:a6', event: 'room-message', data: { message: 'after' } });

    expect(took).toBeLessThan(5000);
    expect(ws.closed?.code).toBe(1008);
    expect([io, polling].map(({ socket }) => socket.active)).toEqual([false, false]);
    expect(spared.socket.connected).toBe(true);
    expect(said(ws.messages)).toEqual([]);
    if (verb === 'disconnect') return;
    for (const node of [nodes.a, nodes.b]) {
      using again = new IoClient(node.url, { auth: { token: tokenOf(user) }, reconnection: false });
      using refused = new Client(node.port, { headers: { Authorization: `Bearer ${tokenOf(user)}` } });
      await vi.waitUntil(() => again.refusals.length > 0 && refused.closed !== undefined, TIMEOUT);
      expect(again.refusals).toEqual(['CREDENTIAL_REVOKED']);
    }
  });
});
