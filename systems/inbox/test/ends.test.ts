/** What passes with time, on every wire of the inbox: a credential that runs out while its reader is connected, and no room for one more. */
import type { IncomingMessage } from 'node:http';
import { RawWebSocket, StreamReader } from '@fanfare/testkit';
import type { Identity, Limits } from 'fanfare';
import { describe, expect, it } from 'vitest';
import { ADMIN, BAO, type Headers, LINH, type RunningInbox, startInbox, streamOf, trigger } from './inbox-support.ts';

const WITHIN = { timeout: 20_000, interval: 5 };
const as = (id: number): Headers => ({ authorization: `Bearer ${id}` });

/** Who comes with `Bearer ID` is that user, and may stay as long as the test says, from the first time on. */
function startWith(limits: Partial<Limits>, lastsMs: Readonly<Record<number, number>> = {}): Promise<RunningInbox> {
  const known = new Map<number, Identity>();
  const authenticate = ({ headers }: IncomingMessage): Identity | undefined => {
    const id = Number(/^Bearer (\d+)$/.exec(headers.authorization ?? '')?.[1]);
    if (Number.isNaN(id)) return undefined;
    const lasts = lastsMs[id];
    const until = lasts === undefined ? {} : { expiresAt: Date.now() + lasts };
    const identity = known.get(id) ?? { subject: String(id), roles: [], ...until };
    known.set(id, identity);
    return identity;
  };
  return startInbox({ hub: { authenticate, limits, trustedHops: 1 } });
}

const ownStream = ({ url }: RunningInbox, id: number): string => `${url}/live/sse?channel=inbox:${id}`;
/** Held: a log without a position has nothing to tell at once. */
const heldPoll = ({ url }: RunningInbox, id: number): string => `${url}/live/poll?channel=inbox:${id}&wait=20`;
const portOf = ({ url }: RunningInbox): number => Number(new URL(url).port);

async function subscribed(running: RunningInbox, id: number, headers: Headers): Promise<RawWebSocket> {
  const socket = await new RawWebSocket({ port: portOf(running), headers }).answered();
  socket.send({ type: 'subscribe', id: 1, channel: `inbox:${id}` });
  await expect.poll(() => socket.frames.map(({ type }) => type), WITHIN).toContain('subscribed');
  return socket;
}

async function codeOf(answer: Response): Promise<string> {
  const { error } = (await answer.json()) as { error?: { code: string } };
  return `${answer.status} ${error?.code}`;
}

describe('a credential that expires while its reader is connected', () => {
  it.each([
    // The contract knows no `close`: its stream ends, and what comes next is told.
    ["the contract's stream", (running: RunningInbox) => streamOf(running.url), []],
    ['/live/sse', (running: RunningInbox) => ownStream(running, LINH), [3006]],
  ])('ends %s, which gets nothing after it, and is told at the next try; others stay', async (_, of, codes) => {
    await using running = await startWith({ credentialGraceMs: 0 }, { [LINH]: 1500 });
    using stream = await StreamReader.open(of(running), as(LINH));
    using other = await StreamReader.open(streamOf(running.url), as(BAO));

    await expect.poll(() => stream.ended, WITHIN).toBe(true);
    await trigger(running.url, { user_id: LINH });
    await trigger(running.url, { user_id: BAO });

    expect(stream.response?.status).toBe(200);
    expect(stream.of('close').map(({ data }) => data['code'])).toEqual(codes);
    expect(stream.of('notification')).toEqual([]);
    expect(await codeOf(await fetch(streamOf(running.url), { headers: as(LINH) }))).toBe('401 CREDENTIAL_EXPIRED');
    await other.first('notification');
    expect(other.ended).toBe(false);
  });

  it('answers a poll that waits at that moment, with 401', async () => {
    await using running = await startWith({ credentialGraceMs: 0 }, { [LINH]: 1500 });
    const answer = await fetch(heldPoll(running, LINH), { headers: as(LINH) });
    expect(await codeOf(answer)).toBe('401 CREDENTIAL_EXPIRED');
  });

  it('closes a WebSocket with 3006', async () => {
    await using running = await startWith({ credentialGraceMs: 0 }, { [LINH]: 1500 });
    using socket = await subscribed(running, LINH, as(LINH));
    using other = await subscribed(running, BAO, as(BAO));

    await socket.untilClosed();
    await trigger(running.url, { user_id: LINH });
    await trigger(running.url, { user_id: BAO });

    expect(socket.closedWith?.code).toBe(3006);
    expect(socket.frames.at(-1)).toMatchObject({ type: 'close', code: 3006 });
    await other.until(({ type }) => type === 'event');
    expect(other.closed).toBe(false);
  });
});

describe('no room for one more', () => {
  it.each([
    ['user', { maxConnectionsPerUser: 2 }],
    ['address', { maxConnectionsPerAddress: 2 }],
  ] as const)('of one %s: each wire says TOO_MANY_CONNECTIONS in its way, until somebody leaves', async (_, limits) => {
    await using running = await startWith(limits);
    const headers = { ...as(LINH), 'x-forwarded-for': '203.0.113.9' };
    using first = await StreamReader.open(streamOf(running.url), headers);
    using second = await subscribed(running, LINH, headers);

    for (const url of [streamOf(running.url), ownStream(running, LINH)]) {
      using refused = await StreamReader.open(url, headers);
      await expect.poll(() => refused.ended, WITHIN).toBe(true);
      expect(refused.response?.status).toBe(200);
      expect(refused.of('error')).toMatchObject([{ data: { code: 'TOO_MANY_CONNECTIONS' } }]);
      const isContract = url === streamOf(running.url);
      expect(refused.of('close').map(({ data }) => data['code'])).toEqual(isContract ? [] : [3003]);
      expect(refused.retryMs).toBeGreaterThan(0);
    }
    const poll = await fetch(heldPoll(running, LINH), { headers });
    expect([await codeOf(poll), Number(poll.headers.get('retry-after')) > 0]).toEqual([
      '503 TOO_MANY_CONNECTIONS',
      true,
    ]);
    using refused = new RawWebSocket({ port: portOf(running), headers });
    await refused.untilClosed();
    expect(refused.closedWith?.code).toBe(3003);

    using other = await StreamReader.open(streamOf(running.url), { ...as(ADMIN), 'x-forwarded-for': '203.0.113.10' });
    await other.first('unread');
    first.close();
    await expect.poll(() => running.live.connections().length, WITHIN).toBe(2);
    using third = await StreamReader.open(streamOf(running.url), headers);
    await third.first('unread');
    await trigger(running.url, { user_id: LINH });
    await Promise.all([third.first('notification'), second.until(({ type }) => type === 'event')]);
  });
});
