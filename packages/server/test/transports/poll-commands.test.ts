/** Commands for a poll that waits, by the uplink [§14, §15.6]: what they change is in its answer, and none falls between two polls. */
import { describe, expect, it, vi } from 'vitest';
import { type AccessDecision, type AccessRequest, type Identity, log, signal, state } from '../../src/index.ts';
import { expectNothingOpen, startWith } from './live-fixture.ts';
import { poll, untilWaiting } from './poll-fixture.ts';

/** Everybody reads all but `secret:*`, and may publish as themselves, or as nobody. */
const check = ({ channel, identity }: AccessRequest): AccessDecision =>
  channel.startsWith('secret') && identity?.subject !== 'an'
    ? { allow: false, status: 403, code: 'FORBIDDEN' }
    : { allow: true };

const access = { subscribe: check, publish: check };

const channels = {
  'log:{id}': log({ access }),
  'secret:{id}': log({ access }),
  'state:{id}': state({ access }),
  'signal:{id}': signal({ access }),
};

const authenticate = ({ headers }: { readonly headers: Record<string, unknown> }): Identity | undefined => {
  const { authorization } = headers;
  return typeof authorization === 'string' ? { subject: authorization.replace('Bearer ', ''), roles: [] } : undefined;
};

const start = () => startWith({ channels, authenticate });

interface Commanded {
  readonly status: number;
  readonly frames: readonly Record<string, unknown>[];
}

async function command(
  server: { readonly url: string },
  connection: string,
  frames: readonly object[],
  headers: Record<string, string> = {},
): Promise<Commanded> {
  const response = await fetch(`${server.url}/live/uplink/${connection}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...headers },
    body: JSON.stringify({ frames }),
  });
  return { frames: [], ...(await response.json()), status: response.status };
}

describe('a command for a poll that waits', () => {
  it('adds a channel from its position, whose events and place are in the answer', async () => {
    await using running = await start();
    const first = await running.live.channel('log:b').publish('n', 1);
    await running.live.channel('log:b').publish('n', 2);
    const { connection } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const { status, frames } = await command(running, connection, [
      { type: 'subscribe', id: 7, channel: 'log:b', position: first.position },
    ]);
    const answer = await waiting;
    await running.live.channel('log:b').publish('n', 3);
    const next = await poll(running, `channel=log:a&channel=log:b&cursor=${answer.cursor}`);

    expect(status).toBe(200);
    expect(frames).toMatchObject([{ type: 'subscribed', id: 7, channel: 'log:b', recovered: true }]);
    expect(answer.data).toEqual([2]);
    expect(answer.subscriptions.map(({ channel }) => channel)).toEqual(['log:a', 'log:b']);
    expect(next.data).toEqual([3]);
    expect(next.subscriptions.map(({ recovered }) => recovered)).toEqual([true, true]);
  });

  it('takes a channel off, that of its URL too', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&channel=log:b&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const { frames } = await command(running, connection, [{ type: 'unsubscribe', id: 1, channel: 'log:a' }]);
    await running.live.channel('log:a').publish('n', 'not for it');
    await running.live.channel('log:b').publish('n', 'for it');

    expect(frames).toEqual([{ type: 'unsubscribed', id: 1, channel: 'log:a' }]);
    expect(await waiting).toMatchObject({ data: ['for it'], subscriptions: [{ channel: 'log:b' }] });
  });

  it('publishes, and is answered as on any wire', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=signal:a');
    const waiting = poll(running, `channel=signal:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const { frames } = await command(running, connection, [
      { type: 'publish', id: 1, channel: 'log:a', event: 'n', data: 1, idempotencyKey: 'k' },
      { type: 'publish', id: 2, channel: 'log:a', event: 'n', data: 1, idempotencyKey: 'k' },
      { type: 'publish', id: 3, channel: 'state:a', event: 'state', data: 5 },
      { type: 'ping' },
      { type: 'publish', id: 4, channel: 'signal:a', event: 'typing', data: true },
    ]);

    expect(frames.map(({ type, id, duplicate }) => [type, id, duplicate])).toEqual([
      ['published', 1, false],
      ['published', 2, true],
      ['published', 3, false],
      ['heartbeat', undefined, undefined],
      ['published', 4, false],
    ]);
    expect((await waiting).data).toEqual([true]);
  });

  it('says who it is, and may read from then on what that subject may', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const { frames } = await command(running, connection, [
      { type: 'auth', id: 1, token: 'an' },
      { type: 'subscribe', id: 2, channel: 'secret:a' },
    ]);

    expect(frames).toMatchObject([
      { type: 'authenticated', id: 1, subject: 'an' },
      { type: 'subscribed', id: 2, channel: 'secret:a' },
    ]);
    expect(running.live.connections()).toMatchObject([{ id: connection, identity: 'an' }]);
    await running.live.channel('secret:a').publish('n', 'hush');
    expect((await waiting).data).toEqual(['hush']);
  });

  it('adds a channel to a poll that waits by a tag, which brings all values and what the channel brought', async () => {
    await using running = await start();
    await running.live.channel('state:a').set('x', { key: 'x' });
    await running.live.channel('state:a').set('y', { key: 'y' });
    const { connection, headers } = await poll(running, 'channel=state:a');
    const held = { headers: { 'If-None-Match': headers.get('etag') ?? '' } };
    const waiting = poll(running, `channel=state:a&wait=20&connection=${connection}`, held);
    await untilWaiting(running.live);

    await command(running, connection, [{ type: 'subscribe', channel: 'log:a' }]);
    await running.live.channel('log:a').publish('n', 'new');
    const answer = await waiting;

    expect([...answer.data].sort()).toEqual(['new', 'x', 'y']);
    expect(answer.subscriptions.map(({ channel }) => channel).sort()).toEqual(['log:a', 'state:a']);
    await expectNothingOpen(running);
  });

  it('that asks for garbage changes nothing', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=log:a');
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    const { frames } = await command(running, connection, [
      { type: 'subscribe', id: 1, channel: 'no such' },
      { type: 'subscribe', id: 2, channel: 'nobody:knows' },
      { type: 'subscribe', id: 3, channel: 'log:a' },
      { type: 'subscribe', id: 4, channel: 'secret:a' },
      { type: 'smoke', id: 5 },
    ]);

    expect(frames.map(({ type, code }) => [type, code])).toEqual([
      ['error', 'FRAME_INVALID'],
      ['error', 'CHANNEL_UNKNOWN'],
      ['error', 'ALREADY_SUBSCRIBED'],
      ['error', 'FORBIDDEN'],
      ['error', 'FRAME_INVALID'],
    ]);
    expect(running.live.connections()).toMatchObject([{ channels: ['log:a'] }]);
    await running.live.channel('log:a').publish('n', 1);
    expect((await waiting).data).toEqual([1]);
  });
});

describe('a command that comes while no poll waits', () => {
  it('waits for the next poll of its client', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=log:a');

    const commanded = command(running, connection, [{ type: 'subscribe', id: 1, channel: 'log:b' }]);
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`);
    expect((await commanded).frames).toMatchObject([{ type: 'subscribed', channel: 'log:b' }]);
    await running.live.channel('log:b').publish('n', 1);

    expect((await waiting).data).toEqual([1]);
  });

  it('goes on with the next poll when the one before was answered by what its own client published', async () => {
    await using running = await start();
    const published = Array.from({ length: 20 }, (_, n) => ({
      ...{ type: 'publish', id: n, channel: 'log:a', event: 'n', data: n },
    }));
    let at = await poll(running, 'channel=log:a');
    const leave = new AbortController();
    const seen: unknown[] = [];
    const loop = (async () => {
      while (seen.length < published.length) {
        at = await poll(running, `channel=log:a&cursor=${at.cursor}&connection=${at.connection}&wait=20`, {
          signal: leave.signal,
        });
        seen.push(...at.data);
      }
    })();
    await untilWaiting(running.live);

    const { frames } = await command(running, at.connection, published);
    await loop;

    expect(frames.map(({ type, id }) => [type, id])).toEqual(published.map(({ id }) => ['published', id]));
    expect(seen).toEqual(published.map(({ data }) => data));
  });

  it.each([
    ['of another subject', { Authorization: 'Bearer eve' }],
    ['of nobody', {}],
  ])('is not for who is %s', async (_, headers: Record<string, string>) => {
    await using running = await start();
    const mine = { headers: { Authorization: 'Bearer an' } };
    const { connection } = await poll(running, 'channel=log:a', mine);
    const waiting = poll(running, `channel=log:a&wait=20&connection=${connection}`, mine);
    await untilWaiting(running.live);

    const frames = [{ type: 'unsubscribe', channel: 'log:a' }];
    expect((await command(running, connection, frames, headers)).status).toBe(404);
    await running.live.channel('log:a').publish('n', 1);

    expect((await waiting).data).toEqual([1]);
  });

  it('is answered with CONNECTION_UNKNOWN where the client does not come back, or never was', async () => {
    await using running = await start();
    const { connection } = await poll(running, 'channel=log:a');
    const ping = [{ type: 'ping' }];

    const [gone, unknown] = await Promise.all([
      command(running, connection, ping),
      command(running, 'neverWasThisConnection', ping),
    ]);

    expect([gone.status, unknown.status]).toEqual([404, 404]);
    expect(gone).toMatchObject({ error: { code: 'CONNECTION_UNKNOWN' } });
  });
});

describe('a server that takes a channel off a waiting poll', () => {
  it('answers at once, and says so in its subscriptions', async () => {
    const rule = { open: true };
    const asks = (): AccessDecision =>
      rule.open ? { allow: true } : { allow: false, status: 403, code: 'FORBIDDEN', message: 'No more.' };
    await using running = await startWith({ channels: { 'door:{id}': log({ access: asks }) }, authenticate });
    const { connection } = await poll(running, 'channel=door:a');
    const waiting = poll(running, `channel=door:a&wait=20&connection=${connection}`);
    await untilWaiting(running.live);

    rule.open = false;
    await command(running, connection, [{ type: 'auth', token: 'an' }]);
    const answer = await vi.waitUntil(() => waiting, { timeout: 10_000 });

    expect(answer.subscriptions).toEqual([
      { type: 'unsubscribed', channel: 'door:a', code: 'FORBIDDEN', reason: 'No more.' },
    ]);
  });
});
