/** A7: no name, pattern, cursor, key or id of one identity reaches what another was granted. */
import { describe, expect, it, vi } from 'vitest';
import { type GrantTable, grants, log, state, tokens } from '../../src/index.ts';
import { RawClient } from '../transports/live-fixture.ts';
import { ISSUERS, token } from './token-fixture.ts';
import { answerOf, post, startAll, WAIT, WIRES } from './wires.ts';

const start = () =>
  startAll({
    authenticate: tokens({ issuers: ISSUERS }),
    authorize: grants({ users: { subscribe: ['inbox:{sub}'] } }),
    channels: {
      'inbox:{user}': log(),
      'court:{pin}': state(),
      'court:{pin}:{part}': state(),
      'room:{id}': log({ keep: { count: 100 } }),
    },
  });

const of = (sub: string, fanfare: GrantTable = {}) => token('hs', { claims: { sub, fanfare } });

describe.each(WIRES)('A7 over %s', (_, connect) => {
  const ask = async (port: number, bearer: string, channel: string): Promise<string> => {
    using client = await connect({ port, channels: ['public:a'], token: bearer });
    const answer = await client.command({ type: 'subscribe', id: 1, channel });
    return answer.type === 'error' ? answer.code : answer.type;
  };

  it.each<[string, string, string]>([
    ['own', 'inbox:7', 'subscribed'],
    ["another's", 'inbox:8', 'FORBIDDEN'],
    ['a name that begins as the own one', 'inbox:70', 'FORBIDDEN'],
    ['a pattern in place of a name', 'inbox:*', 'FRAME_INVALID'],
    ['all of them', '**', 'FRAME_INVALID'],
    ['a claim in place of a name', 'inbox:{sub}', 'FRAME_INVALID'],
    ['two names in one', 'inbox:7,inbox:8', 'FRAME_INVALID'],
    ['a name with a way around', 'inbox:../8', 'FRAME_INVALID'],
    ['a name with an end', 'inbox:7\u0000', 'FRAME_INVALID'],
    ['another case', 'INBOX:7', 'CHANNEL_UNKNOWN'],
    ['an empty segment', 'inbox::7', 'FRAME_INVALID'],
    ['one that was granted, one segment deeper', 'court:1:umpire', 'FORBIDDEN'],
    ['one that was granted', 'court:1', 'subscribed'],
  ])('who asks for %s gets what that name is worth: %s %s', async (_, channel, expected) => {
    await using running = await start();

    expect(await ask(running.port, of('7', { subscribe: ['court:*'] }), channel)).toBe(expected);
  });

  it.each(['*', '**', '7:8', '{sub}', '8', 'inbox'])(
    'a subject is compared, never read as a pattern: %s',
    async (sub) => {
      await using running = await start();

      expect(await ask(running.port, of(sub), 'inbox:7')).toBe('FORBIDDEN');
    },
  );

  it('a grant to read is none to write, and the other way round', async () => {
    await using running = await start();
    using client = await connect({
      port: running.port,
      channels: ['public:a'],
      token: of('7', { publish: ['room:*'] }),
    });

    const written = await client.command({ type: 'publish', id: 1, channel: 'room:1', event: 'e', data: 1 });
    const read = await client.command({ type: 'subscribe', id: 2, channel: 'room:1' });
    const inbox = await client.command({ type: 'publish', id: 3, channel: 'inbox:7', event: 'e', data: 1 });

    expect([written, read, inbox]).toMatchObject([{ type: 'published' }, { code: 'FORBIDDEN' }, { code: 'FORBIDDEN' }]);
  });

  it('what a fresh token does not grant any more ends at once', async () => {
    await using running = await start();
    using client = await connect({
      port: running.port,
      channels: ['inbox:7', 'room:1'],
      token: of('7', { subscribe: ['room:*'] }),
    });
    await vi.waitUntil(() => running.live.connections().some(({ channels }) => channels.length === 2), WAIT);

    await client.command({ type: 'auth', id: 1, token: of('7') });
    const isTold = () => client.frames.some((frame) => frame.type === 'unsubscribed' && frame.channel === 'room:1');
    await vi.waitUntil(isTold, WAIT);

    expect(client.frames.some((frame) => frame.type === 'unsubscribed' && frame.channel === 'inbox:7')).toBe(false);
  });
});

describe('A7 a channel that is not granted', () => {
  it('does not come along with one that is', async () => {
    await using running = await start();
    await running.live.channel('inbox:8').publish('letter', 'secret');
    const headers = { Authorization: `Bearer ${of('7')}` };

    for (const path of ['sse', 'poll']) {
      const answer = await answerOf(fetch(`${running.url}/live/${path}?channel=inbox:7&channel=inbox:8`, { headers }));
      expect(answer).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    }
    expect(running.live.stats()).toMatchObject({ connections: 0, delivered: 0 });
  });
});

describe('A7 a cursor', () => {
  /** A stream of `bearer`, and everything on it until it is told how it stands, or refused. */
  const replay = async (port: number, query: string, bearer: string) => {
    using client = RawClient.get(port, `/live/sse?${query}`, { Authorization: `Bearer ${bearer}` });
    await vi.waitUntil(
      () =>
        client.named('recovered').length + client.named('lost').length + client.named('subscribed').length > 0 ||
        client.body.endsWith('}'),
      WAIT,
    );
    await new Promise(setImmediate);
    return { status: client.status, text: client.text };
  };

  it('of one identity opens nothing for another: neither its channel nor its place in it', async () => {
    await using running = await start();
    for (let n = 0; n < 5; n += 1) await running.live.channel('inbox:7').publish('letter', `secret ${n}`);
    const first = Object(await running.live.channel('inbox:7').history({ limit: 1 })).events[0].position;
    const mine = await replay(
      running.port,
      `channel=inbox:7&channel=room:1&cursor=${first}`,
      of('7', { subscribe: ['room:*'] }),
    );
    const cursor = await answerOf(
      fetch(`${running.url}/live/poll?channel=inbox:7@${first}`, { headers: { Authorization: `Bearer ${of('7')}` } }),
    );
    const stolen: string = Object(cursor.body).cursor;
    expect(Object(cursor.body).events).toHaveLength(4);
    expect(mine.status).toBe(200);

    const eight = of('8', { subscribe: ['room:*'] });
    const direct = await replay(running.port, `channel=inbox:7&cursor=${stolen}`, eight);
    const beside = await replay(running.port, `channel=inbox:8&channel=room:1&cursor=${stolen}`, eight);
    const position = await replay(running.port, `channel=room:1@${first}`, eight);

    expect(direct.status).toBe(403);
    expect(beside.status).toBe(200);
    for (const { text } of [direct, beside, position]) expect(text).not.toContain('secret');
    // Of channels that it does not ask for it gets no position either.
    const place = first.split('.')[0];
    expect(beside.text).toContain('"channel":"inbox:8"');
    expect(beside.text).not.toContain(`inbox:7`);
    expect(place).not.toBe('');
  });

  it('is looked at only by who may read the channel at that moment', async () => {
    await using running = await start();
    await running.live.channel('room:1').publish('said', 'secret');
    const granted = of('7', { subscribe: ['room:1'] });
    const read = await answerOf(
      fetch(`${running.url}/live/poll?channel=room:1`, { headers: { Authorization: `Bearer ${granted}` } }),
    );
    const { cursor } = Object(read.body);
    await running.live.channel('room:1').publish('said', 'later secret');

    const withdrawn = await answerOf(
      fetch(`${running.url}/live/poll?channel=room:1&cursor=${cursor}`, {
        headers: { Authorization: `Bearer ${of('7')}` },
      }),
    );
    const still = await answerOf(
      fetch(`${running.url}/live/poll?channel=room:1&cursor=${cursor}`, {
        headers: { Authorization: `Bearer ${granted}` },
      }),
    );

    expect(withdrawn).toMatchObject({ status: 403, code: 'FORBIDDEN' });
    expect(Object(still.body).events).toMatchObject([{ data: 'later secret' }]);
  });
});

describe('A7 a connection of somebody', () => {
  it('is commanded by nobody else, whoever knows its id', async () => {
    await using running = await start();
    using mine = RawClient.get(running.port, '/live/sse?channel=inbox:7', { Authorization: `Bearer ${of('7')}` });
    const [connected] = await mine.until('connected');
    const path = `${running.url}/live/uplink/${JSON.parse(connected?.data ?? '').connection}`;
    const unsubscribe = { type: 'unsubscribe', channel: 'inbox:7' };

    const as = async (headers: Record<string, string>, body: object = unsubscribe) =>
      (await answerOf(post(path, body, headers))).code;

    expect(await as({})).toBe('CONNECTION_UNKNOWN');
    expect(await as({ Authorization: `Bearer ${of('8')}` })).toBe('CONNECTION_UNKNOWN');
    expect(await as({}, { type: 'auth', token: of('7') })).toBe('CONNECTION_UNKNOWN');
    expect(running.live.stats().subscriptions).toBe(1);
  });
});
