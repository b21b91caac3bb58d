/** A6 with several nodes: what is revoked on one ends on the other, within 5 s, and stays refused on both after kill -9. */
import type { Nodes, ServerProcess } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { all, everyWay } from '../auth/every-way.ts';
import { seconds } from '../auth/token-fixture.ts';
import { answerOf, post, WAIT, WIRES } from '../auth/wires.ts';
import { api, connectionsOf, describeNodes, owned, startTwo } from './two-nodes.ts';

/** What reliability.md rule 12 promises. */
const WITHIN = { timeout: 5000, interval: 5 };

const verdictOn = async ({ url }: ServerProcess, token: string): Promise<string> => {
  const headers = { Authorization: `Bearer ${token}` };
  return (await answerOf(fetch(`${url}/live/poll?channel=public:a`, { headers }))).code ?? 'open';
};

let nodes: Nodes;

describeNodes('A6 on two nodes', () => {
  beforeAll(async () => {
    nodes = await startTwo();
  });
  afterAll(() => nodes?.[Symbol.asyncDispose]());

  describe('a ticket', whatIsIssued);
  describe('revoked on one, a connection to the other', whatIsRevoked);
  describe('disconnected on one, a connection to the other', whatIsDisconnected);
  describe('a revocation', whatIsKept);
});

function whatIsIssued(): void {
  const open = async ({ url }: ServerProcess, ticket: string): Promise<string> => {
    const answer = await answerOf(fetch(`${url}/live/poll?channel=mine:ticket&ticket=${ticket}`));
    return answer.code ?? 'open';
  };

  it('of one opens one connection to the other, once, also where both are asked at the same time', async () => {
    const headers = { Authorization: `Bearer ${owned({ sub: 'ticket', jti: 'ticket' })}` };
    const issue = async (): Promise<string> =>
      Object((await answerOf(post(`${nodes.a.url}/live/tickets`, {}, headers))).body).ticket;
    const [first, second] = [await issue(), await issue()];

    expect(await open(nodes.b, first)).toBe('open');
    expect([await open(nodes.a, first), await open(nodes.b, first)]).toEqual(['TICKET_INVALID', 'TICKET_INVALID']);
    const both = await Promise.all([nodes.a, nodes.b, nodes.a, nodes.b].map((node) => open(node, second)));
    expect(both.toSorted()).toEqual(['TICKET_INVALID', 'TICKET_INVALID', 'TICKET_INVALID', 'open']);
  });
}

function whatIsRevoked(): void {
  const revocations: readonly (readonly [string, (sub: string) => object])[] = [
    ['by the id of its token', (sub) => ({ tokenId: `id-${sub}` })],
    ['by its subject', (sub) => ({ subject: sub })],
    ['by subject and time of issue', (sub) => ({ subject: sub, issuedBefore: Date.now() - 1000 })],
  ];
  it.each(WIRES.flatMap(([wire, connect]) => revocations.map(([how, what]) => [wire, how, connect, what] as const)))(
    'over %s ends, %s, and is refused on both',
    async (wire, how, connect, what) => {
      const sub = `${wire}-${revocations.findIndex(([name]) => name === how)}`;
      const token = owned({ sub, jti: `id-${sub}` });
      using far = await connect({ port: nodes.b.port, channels: [`mine:${sub}`], token });
      using spared = await connect({
        port: nodes.b.port,
        channels: ['mine:spared'],
        token: owned({ sub: 'spared', jti: 's' }),
      });
      await vi.waitUntil(async () => (await connectionsOf(nodes.b)).some(({ identity }) => identity === sub), WAIT);

      const began = performance.now();
      const answer = await api(nodes.a, 'revoke', what(sub));
      await vi.waitUntil(() => far.closed, WITHIN);
      const took = performance.now() - began;
      await api(nodes.a, 'publish', { channel: `mine:${sub}`, event: 'after', data: 1 });

      expect(answer).toMatchObject({ status: 200, body: { connections: 0 } });
      expect(took).toBeLessThan(5000);
      if (wire !== 'poll') expect(far.closeCode).toBe(3508);
      expect(far.frames.filter(({ type }) => type === 'event')).toEqual([]);
      expect(spared.closed).toBe(false);
      expect([await verdictOn(nodes.a, token), await verdictOn(nodes.b, token)]).toEqual([
        'CREDENTIAL_REVOKED',
        'CREDENTIAL_REVOKED',
      ]);
    },
  );

  it('answers a poll that waits there', async () => {
    const headers = { Authorization: `Bearer ${owned({ sub: 'waits' })}` };
    const [first] = await Promise.all([fetch(`${nodes.b.url}/live/poll?channel=mine:waits`, { headers })]);
    const { connection, cursor } = await first.json();
    const query = `channel=mine:waits&wait=25&connection=${connection}&cursor=${encodeURIComponent(cursor)}`;
    const began = performance.now();
    const waiting = answerOf(fetch(`${nodes.b.url}/live/poll?${query}`, { headers }));
    await vi.waitUntil(async () => (await connectionsOf(nodes.b)).some(({ identity }) => identity === 'waits'), WAIT);

    await api(nodes.a, 'revoke', { subject: 'waits' });

    expect(await waiting).toMatchObject({ status: 401, code: 'CREDENTIAL_REVOKED' });
    expect(performance.now() - began).toBeLessThan(5000);
  });

  it.each(WIRES)('does not stand where it was being let in meanwhile: %s', async (wire, connect) => {
    const port = nodes.b.port;
    const [sub, kept, channel] = [`slow-${wire}`, `kept-${wire}`, `slow:r-${wire}`];
    const connecting = connect({ port, channels: [channel], token: owned({ sub }) });
    const other = connect({ port, channels: [channel], token: owned({ sub: kept, jti: 'k' }) });
    await vi.waitUntil(async () => (await askedOf(nodes.b, channel)) === 2, WAIT);

    await api(nodes.a, 'revoke', { subject: sub });
    await vi.waitUntil(async () => (await verdictOn(nodes.b, owned({ sub }))) === 'CREDENTIAL_REVOKED', WITHIN);
    await release(nodes.b, channel);
    using stays = await other;
    await vi.waitUntil(() => stays.frames.some(({ type }) => type === 'subscribed'), WAIT);
    await api(nodes.a, 'publish', { channel, event: 'after', data: 1 });

    using client = await connecting;
    await vi.waitUntil(() => client.closed, WAIT);
    await vi.waitUntil(() => stays.frames.some(({ type }) => type === 'event'), WAIT);
    expect(client.frames.filter(({ type }) => type === 'event')).toEqual([]);
  });
}

function whatIsDisconnected(): void {
  it.each(WIRES)('ends a user, a connection, a subscription on the other: %s', async (wire, connect) => {
    const join = (sub: string) =>
      connect({ port: nodes.b.port, channels: [`mine:${sub}`, 'log:a'], token: owned({ sub, jti: sub }) });
    const [user, one, channel] = [`user-${wire}`, `one-${wire}`, `channel-${wire}`];
    using byUser = await join(user);
    using byId = await join(one);
    using byChannel = await join(channel);
    const find = async (sub: string) => (await connectionsOf(nodes.b)).find(({ identity }) => identity === sub);
    for (const sub of [user, one, channel]) await vi.waitUntil(() => find(sub), WAIT);

    const began = performance.now();
    await api(nodes.a, 'disconnect', { subject: user });
    await vi.waitUntil(() => byUser.closed, WITHIN);
    const id = await vi.waitUntil(async () => (await find(one))?.id, WAIT);
    await api(nodes.a, 'disconnect', { connection: id });
    await vi.waitUntil(() => byId.closed, WITHIN);
    await api(nodes.a, 'disconnect', { channel: 'log:a', subject: channel });
    const isTold = () => byChannel.frames.some((frame) => frame.type === 'unsubscribed' && frame.channel === 'log:a');
    await vi.waitUntil(isTold, WITHIN);

    expect(performance.now() - began).toBeLessThan(5000);
    expect(byChannel.closed).toBe(false);
    if (wire !== 'poll') expect([byUser.closeCode, byId.closeCode]).toEqual([3507, 3507]);
  });

  it.each(WIRES)('ends who is being let in on the other: %s', async (wire, connect) => {
    const port = nodes.b.port;
    const [sub, channel] = [`gone-${wire}`, `slow:d-${wire}`];
    const connecting = connect({ port, channels: [channel], token: owned({ sub }) });
    // Of the same user: when this one has ended, the other node has heard of it.
    using witness = await connect({ port, channels: [`mine:${sub}`], token: owned({ sub }) });
    await vi.waitUntil(async () => (await askedOf(nodes.b, channel)) === 1, WAIT);
    await vi.waitUntil(async () => (await connectionsOf(nodes.b)).some(({ identity }) => identity === sub), WAIT);

    await api(nodes.a, 'disconnect', { subject: sub });
    await vi.waitUntil(() => witness.closed, WITHIN);
    await release(nodes.b, channel);

    using client = await connecting;
    await vi.waitUntil(() => client.closed, WAIT);
    expect(client.frames.filter(({ type }) => type === 'event')).toEqual([]);
  });
}

function whatIsKept(): void {
  const [, connect] = WIRES[0] ?? [];
  const join = (node: ServerProcess, token: string, channel: string) => {
    if (connect === undefined) throw new Error('no wire');
    return connect({ port: node.port, channels: [channel], token });
  };
  const isJoined = (node: ServerProcess, sub: string) =>
    vi.waitUntil(async () => (await connectionsOf(node)).some(({ identity }) => identity === sub), WAIT);

  it('while Redis is away is told as not kept, counts where it was asked for, and everywhere once Redis is back', async () => {
    const away = owned({ sub: 'away', jti: 'away' });
    using here = await join(nodes.a, away, 'mine:away');
    using far = await join(nodes.b, away, 'mine:away');
    for (const node of [nodes.a, nodes.b]) await isJoined(node, 'away');

    await nodes.redis.kill();
    const answer = await api(nodes.a, 'revoke', { subject: 'away' });
    await vi.waitUntil(() => here.closed, WITHIN);

    expect(answer).toMatchObject({ status: 503, code: 'ENGINE_UNAVAILABLE' });
    expect(far.closed).toBe(false);

    await nodes.redis.start();
    await vi.waitUntil(() => far.closed, WAIT);
    expect(far.closeCode).toBe(3508);
  });

  it('of everybody before a time ends them on both', async () => {
    using old = await join(nodes.b, owned({ sub: 'old', jti: 'o', iat: seconds() - 60 }), 'mine:old');
    using young = await join(nodes.b, owned({ sub: 'young', jti: 'y' }), 'mine:young');
    for (const sub of ['old', 'young']) await isJoined(nodes.b, sub);

    await api(nodes.a, 'revoke', { issuedBefore: Date.now() - 30_000 });
    await vi.waitUntil(() => old.closed, WITHIN);

    expect(young.closed).toBe(false);
  });

  it('holds on both after kill -9 and a restart of both', async () => {
    const iat = seconds() - 5;
    expect(await everyWay(nodes.b, owned({ iat }))).toEqual(all('open'));
    await api(nodes.a, 'revoke', { tokenId: 't-1' });
    await api(nodes.b, 'revoke', { subject: '9' });

    await Promise.all([nodes.a.crashAndRestart(), nodes.b.crashAndRestart()]);

    for (const node of [nodes.a, nodes.b]) {
      expect(await everyWay(node, owned({ iat }))).toEqual(all('CREDENTIAL_REVOKED'));
      expect(await verdictOn(node, owned({ sub: '9', jti: 'x', iat }))).toBe('CREDENTIAL_REVOKED');
      expect(await verdictOn(node, owned({ sub: 'away', jti: 'x', iat }))).toBe('CREDENTIAL_REVOKED');
      expect(await verdictOn(node, owned({ sub: 'old', jti: 'x', iat: seconds() - 60 }))).toBe('CREDENTIAL_REVOKED');
      expect(await verdictOn(node, owned({ sub: '8', jti: 't-8' }))).toBe('open');
    }
  });
}

/** How many wait on a node to be let in to a channel `slow:{id}`. */
async function askedOf({ url }: ServerProcess, channel: string): Promise<number> {
  return Number(Object((await answerOf(fetch(`${url}/asked/${channel.slice(5)}`))).body).asked);
}

async function release({ url }: ServerProcess, channel: string): Promise<void> {
  await post(`${url}/release/${channel.slice(5)}`, {});
}
