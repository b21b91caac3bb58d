/** A6: who is disconnected while it is let in does not stand afterwards, whatever is slow about letting it in, and over every wire. */
import { RawWebSocket } from '@fanfare/testkit';
import { describe, expect, it, vi } from 'vitest';
import { createFanfare, defineSseView, log, memory, tokens } from '../../src/index.ts';
import { RawClient, startWith } from '../transports/live-fixture.ts';
import { ISSUERS, token } from './token-fixture.ts';
import { answerOf, post, startAll, WAIT, WIRES } from './wires.ts';

const bearer = (sub = '7') => token('hs', { claims: { sub, jti: `t-${sub}` } });
const KEY = { Authorization: 'Bearer master' };

/** A door that stays shut until it is opened: whoever waits there is being let in. */
function makeDoor() {
  let open = (): void => {};
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  const door = {
    waiting: 0,
    open: () => open(),
    pass: async (): Promise<void> => {
      door.waiting += 1;
      await opened;
    },
  };
  return door;
}

async function startSlow(slow: 'rule' | 'authenticate') {
  const door = makeDoor();
  const known = tokens({ issuers: ISSUERS });
  const running = await startAll({
    apiKey: 'master',
    authenticate:
      slow === 'rule'
        ? known
        : async (request, facts) => {
            const identity = await known(request, facts);
            if (identity !== undefined) await door.pass();
            return identity;
          },
    channels: {
      'slow:{id}': log({
        access: async () => {
          if (slow === 'rule') await door.pass();
          return { allow: true };
        },
      }),
    },
  });
  return { door, running };
}

describe.each(WIRES)('A6 over %s, a client that is disconnected while it is let in', (name, connect) => {
  describe.each(['rule', 'authenticate'] as const)('by a slow %s', (slow) => {
    it.each<[string, object]>([
      ['as a user', { subject: '7' }],
      ['by its token', { tokenId: 't-7' }],
    ])('%s does not stand, and gets nothing', async (_, target) => {
      const { door, running } = await startSlow(slow);
      await using server = running;
      const connecting = connect({ port: server.port, channels: ['slow:a'], token: bearer() });
      const sparing = connect({ port: server.port, channels: ['slow:a'], token: bearer('8') });
      await vi.waitUntil(() => door.waiting === 2, WAIT);

      await answerOf(post(`${server.url}/live/api/disconnect`, target, KEY));
      door.open();
      using client = await connecting;
      using spared = await sparing;
      await vi.waitUntil(() => server.live.subscribers('slow:a') === 1, WAIT);
      await vi.waitUntil(() => client.closed, WAIT);
      await server.live.channel('slow:a').publish('after', 1);
      await vi.waitUntil(() => spared.frames.some(({ type }) => type === 'event'), WAIT);

      expect(client.frames.filter(({ type }) => type === 'event')).toEqual([]);
      if (name !== 'poll') expect(client.closeCode).toBe(3507);
    });
  });

  it('from a channel does not get it, and others do', async () => {
    const { door, running } = await startSlow('rule');
    await using server = running;
    const connecting = connect({ port: server.port, channels: ['slow:a'], token: bearer() });
    const sparing = connect({ port: server.port, channels: ['slow:a'], token: bearer('8') });
    await vi.waitUntil(() => door.waiting === 2, WAIT);

    await answerOf(post(`${server.url}/live/api/disconnect`, { channel: 'slow:a', subject: '7' }, KEY));
    door.open();
    using client = await connecting;
    using spared = await sparing;
    await vi.waitUntil(() => server.live.subscribers('slow:a') === 1, WAIT);
    await server.live.channel('slow:a').publish('after', 1);
    await vi.waitUntil(() => spared.frames.some(({ type }) => type === 'event'), WAIT);

    expect(client.frames.filter(({ type }) => type === 'event')).toEqual([]);
    if (name === 'ws') expect(client.frames).toContainEqual(expect.objectContaining({ code: 'FORBIDDEN' }));
    if (name === 'sse') expect(client.closeCode).toBe(3503);
  });

  it('comes in with the next attempt: no right was taken away', async () => {
    const { door, running } = await startSlow('rule');
    await using server = running;
    server.live.disconnect({ subject: '7' });
    server.live.disconnect({ channel: 'slow:a' });
    door.open();

    using client = await connect({ port: server.port, channels: ['slow:a'], token: bearer() });
    await vi.waitUntil(() => server.live.subscribers('slow:a') === 1, WAIT);

    expect(client.closed).toBe(false);
  });
});

describe('A6 who is disconnected', () => {
  it('while a token of theirs is looked at on an open connection has no connection afterwards', async () => {
    const { door, running } = await startSlow('authenticate');
    await using server = running;
    using client = new RawWebSocket({ port: server.port });
    client.send({ type: 'auth', id: 1, token: bearer() });
    await vi.waitUntil(() => door.waiting === 1, WAIT);

    server.live.disconnect({ subject: '7' });
    door.open();
    await vi.waitUntil(() => client.closed, WAIT);

    expect(client.closedWith?.code).toBe(3507);
    expect(server.live.connections()).toEqual([]);
  });

  it('between two polls does not come back with the next one', async () => {
    await using server = await startAll({
      authenticate: tokens({ issuers: ISSUERS }),
      channels: { 'free:{id}': log({ access: 'public' }) },
    });
    const poll = (connection: string) =>
      answerOf(
        fetch(`${server.url}/live/poll?channel=free:a${connection}`, {
          headers: { Authorization: `Bearer ${bearer()}` },
        }),
      );
    const first = await poll('');
    const id = `&connection=${Object(first.body).connection}`;
    expect((await poll(id)).status).toBe(200);

    expect(server.live.disconnect({ subject: '7' })).toEqual({ connections: 0, subscriptions: 0 });

    expect(await poll(id)).toMatchObject({ status: 403, code: 'FORBIDDEN' });
  });

  it('on another server is not let in here either', async () => {
    const engine = memory();
    const shared = { ...engine, name: 'shared', close: async () => {} };
    const door = makeDoor();
    const options = {
      engine: shared,
      authenticate: tokens({ issuers: ISSUERS }),
      channels: {
        'slow:{id}': log({
          access: async () => {
            await door.pass();
            return { allow: true };
          },
        }),
      },
    };
    await using here = await startAll(options);
    const there = createFanfare(options);
    const connecting = WIRES[1]?.[1]({ port: here.port, channels: ['slow:a'], token: bearer() });
    await vi.waitUntil(() => door.waiting === 1, WAIT);

    there.disconnect({ subject: '7' });
    door.open();
    using client = await connecting;
    await vi.waitUntil(() => client?.closed, WAIT);

    expect(client?.closeCode).toBe(3507);
    await there.close();
  });

  it('is not shown a stream of the application that is still being let in', async () => {
    const door = makeDoor();
    const channels = { 'free:{id}': log({ access: 'public' }) };
    await using server = await startWith({
      authenticate: tokens({ issuers: ISSUERS }),
      channels,
      listener: (live) => async (req, res) => {
        const identity = await live.identify(req);
        await door.pass();
        await live.stream(req, res, { channels: ['free:a'], view, ...(identity && { identity }) });
      },
    });
    using client = RawClient.get(server.port, '/stream', { Authorization: `Bearer ${bearer()}` });
    await vi.waitUntil(() => door.waiting === 1, WAIT);

    server.live.disconnect({ subject: '7' });
    door.open();
    await vi.waitUntil(() => client.closed, WAIT);

    expect(server.live.connections()).toEqual([]);
  });
});

const view = defineSseView({ name: 'plain', event: () => ({ event: 'x', dataJson: '1' }) });
