/** A system's own SSE path: its event names and payloads on hub channels, with everything /live/sse gives. */
import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { describe, expect, it } from 'vitest';
import { defineSseView, log, type StreamOptions, state } from '../../src/index.ts';
import { expectNothingOpen, type LiveServer, RawClient, startWith } from './live-fixture.ts';

const map = { 'board:{id}': state({ maxSubscribers: 2 }), 'match:{id}': log() };

const board = defineSseView({
  name: 'board',
  event: ({ dataJson }) => ({ event: 'update', dataJson }),
  snapshot: ({ dataJson }) => ({ event: 'init', dataJson }),
  connected: ({ connections }) => ({ event: 'connected', dataJson: JSON.stringify({ connections }) }),
  heartbeat: ({ time, connections }) => ({ event: 'ping', dataJson: JSON.stringify({ time, connections }) }),
  lost: ({ channel, cause }) => ({ event: 'resync', dataJson: JSON.stringify({ channel, cause }) }),
  error: ({ code, message, retry }) => ({
    event: 'error',
    dataJson: JSON.stringify({ errorCode: code, message, retry }),
  }),
});

function startBoard(options: Partial<StreamOptions> = {}): Promise<LiveServer<typeof map>> {
  const stream = { channels: ['board:1'], view: board, ...options };
  return startWith({ channels: map, listener: (live) => (req, res) => void live.stream(req, res, stream) });
}

describe('a view', () => {
  it('shows connected, the value as init, changes as updates and heartbeats with data', async () => {
    await using running = await startBoard({ heartbeatMs: 50 });
    await running.live.channel('board:1').set({ score: [0, 0] });

    using client = RawClient.get(running.port, '/api/scoreboard/stream');
    await client.until('init');
    await running.live.channel('board:1').set({ score: [1, 0] });
    await client.until('ping');

    expect(client.events.slice(0, 3).map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      ['connected', { connections: 1 }],
      ['init', { score: [0, 0] }],
      ['update', { score: [1, 0] }],
    ]);
    expect(JSON.parse(client.named('ping')[0]?.data ?? '')).toEqual({ time: expect.any(Number), connections: 1 });
    expect(client.retryMs).toBeGreaterThanOrEqual(1000);
  });

  it('is refused to a browser that another site made ask for it with a cookie, and not to one whose page names itself', async () => {
    const refused: string[] = [];
    await using running = await startBoard({ onRefused: (code) => refused.push(code) });
    const forged = { Cookie: 'session=1', 'Sec-Fetch-Site': 'cross-site', 'Sec-Fetch-Mode': 'no-cors' };

    const answer = await fetch(`${running.url}/board`, { headers: forged });
    const { error } = Object(await answer.json());
    const ours = { ...forged, 'Sec-Fetch-Site': 'same-origin' };
    using client = RawClient.get(running.port, '/board', ours);
    await client.until('connected');

    expect([answer.status, error.code, refused]).toEqual([403, 'ORIGIN_FORBIDDEN', ['ORIGIN_FORBIDDEN']]);
    const { entries } = await running.live.audit.read({ trail: 'denials' });
    expect(entries).toMatchObject([{ action: '/board', details: { code: 'ORIGIN_FORBIDDEN' } }]);
  });

  it('has no cookie to be opened with where the request is forged: identify says so, and not of a visit', async () => {
    await using running = await startWith({
      channels: map,
      authenticate: (_, { mayUseCookie }) => (mayUseCookie ? { subject: 'an', roles: [] } : undefined),
      listener: (live) => (req, res) => void live.identify(req).then((who) => res.end(who?.subject ?? 'nobody')),
    });
    const who = async (mode: string, dest: string, site = 'cross-site') => {
      const about = { 'Sec-Fetch-Site': site, 'Sec-Fetch-Mode': mode, 'Sec-Fetch-Dest': dest };
      // Not by fetch, which names a mode of its own.
      const [res]: IncomingMessage[] = await once(
        get(running.url, { headers: { Cookie: 'session=1', ...about } }),
        'response',
      );
      return (await res?.setEncoding('utf8').toArray())?.join('');
    };

    expect(await who('no-cors', 'image')).toBe('nobody');
    expect(await who('navigate', 'iframe')).toBe('nobody');
    expect(await who('navigate', 'document')).toBe('an');
    expect(await who('no-cors', 'image', 'same-origin')).toBe('an');
  });

  it('hands the value over on every connect, also to a client that has it', async () => {
    await using running = await startBoard();
    await running.live.channel('board:1').set({ score: [3, 2] });
    using first = RawClient.get(running.port, '/');
    const [init] = await first.until('init');

    using second = RawClient.get(running.port, '/', { 'Last-Event-ID': init?.id ?? '' });
    const [again] = await second.until('init');

    expect(again?.data).toBe('{"score":[3,2]}');
  });

  it('ends at its age, with retry and no stray event, and its client resumes without losing one', async () => {
    const view = defineSseView({ name: 'match', event: ({ event, dataJson }) => ({ event, dataJson }) });
    await using running = await startBoard({ channels: ['match:1'], view, maxAgeMs: 300 });
    using client = RawClient.get(running.port, '/');
    // A view without `connected` has nothing to say yet: head and retry come all the same.
    await expect.poll(() => client.text).toContain('retry:');
    await running.live.channel('match:1').publish('score-update', 1);

    await client.untilClosed();
    await running.live.channel('match:1').publish('score-update', 2);
    using back = RawClient.get(running.port, '/', { 'Last-Event-ID': client.events.at(-1)?.id ?? '' });
    await back.until('score-update');

    expect(client.events.map(({ event, data }) => [event, data])).toEqual([['score-update', '1']]);
    expect(back.events.map(({ event, data }) => [event, data])).toEqual([['score-update', '2']]);
  });

  it('loses nothing for a client that is cut before its first event, though it shows no connected', async () => {
    const view = defineSseView({ name: 'match', event: ({ event, dataJson }) => ({ event, dataJson }) });
    await using running = await startBoard({ channels: ['match:1'], view });
    using client = RawClient.get(running.port, '/');
    await expect.poll(() => client.body).toMatch(/\nid: \S+\n\n/);
    client.socket.destroy();
    await expectNothingOpen(running);
    await running.live.channel('match:1').publish('score-update', 1);

    const id = /\nid: (\S+)\n\n/.exec(client.body)?.[1] ?? '';
    using back = RawClient.get(running.port, '/', { 'Last-Event-ID': id });

    expect(await back.until('score-update')).toHaveLength(1);
  });

  it('tells what is lost in its own words', async () => {
    await using running = await startBoard({ channels: ['match:1'] });

    using client = RawClient.get(running.port, '/', { 'Last-Event-ID': 'garbage' });
    const [resync] = await client.until('resync');

    expect(JSON.parse(resync?.data ?? '')).toEqual({ channel: 'match:1', cause: 'invalid' });
  });

  it('refuses in its own words, with a 200 and nothing before the error', async () => {
    const refused: string[] = [];
    await using running = await startBoard({ onRefused: (code) => refused.push(code) });
    using first = RawClient.get(running.port, '/');
    using second = RawClient.get(running.port, '/');
    await Promise.all([first.until('connected'), second.until('connected')]);

    using third = RawClient.get(running.port, '/');
    await third.untilClosed();

    expect(third.status).toBe(200);
    expect(third.events.map(({ event, data }) => [event, JSON.parse(data)])).toEqual([
      ['error', { errorCode: 'TOO_MANY_CONNECTIONS', message: expect.any(String), retry: true }],
    ]);
    expect(third.retryMs).toBeGreaterThanOrEqual(1000);
    expect(refused).toEqual(['TOO_MANY_CONNECTIONS']);
  });

  it('of many channels carries a compound cursor', async () => {
    await using running = await startBoard({ channels: ['board:1', 'match:1'] });
    using client = RawClient.get(running.port, '/');
    await client.until('connected');
    await running.live.channel('board:1').set({ v: 1 });
    await running.live.channel('match:1').publish('set-complete', 1);
    const [, last] = await client.until('update', 2);
    client.socket.destroy();
    await expectNothingOpen(running);
    await running.live.channel('match:1').publish('set-complete', 2);

    using back = RawClient.get(running.port, '/', { 'Last-Event-ID': last?.id ?? '' });
    await back.until('update');

    expect(last?.id).toMatch(/^1~/);
    expect(back.named('update').map((received) => received.data)).toEqual(['2']);
  });

  it('may hide events, and one that throws or forges ends nothing but shows an error', async () => {
    const view = defineSseView({
      name: 'odd',
      event: ({ event, dataJson }) => {
        if (event === 'hidden') return undefined;
        if (event === 'throws') throw new Error('secret detail');
        return { event: event === 'forges' ? 'a\n\nevent: fake\ndata: 1\n\n' : event, dataJson };
      },
    });
    await using running = await startBoard({ channels: ['match:1'], view });
    using client = RawClient.get(running.port, '/');
    await expect.poll(() => running.live.stats().subscriptions).toBe(1);

    for (const event of ['hidden', 'throws', 'forges', 'fine']) await running.live.channel('match:1').publish(event, 1);
    await client.until('fine');

    expect(client.events.map((received) => received.event)).toEqual(['error', 'error', 'fine']);
    expect(client.text).not.toMatch(/secret detail|fake/);
  });

  it('is a programming mistake on a channel that the map does not have', async () => {
    let outcome: unknown;
    await using running = await startWith({
      channels: map,
      listener: (live) => async (req, res) => {
        outcome = await live
          .stream(req, res, { channels: ['nothing:1'], view: board })
          .catch((error: unknown) => error);
        res.end();
      },
    });

    await fetch(running.url);

    expect(outcome).toBeInstanceOf(TypeError);
  });
});
