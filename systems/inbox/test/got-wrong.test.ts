/** "What all five got wrong, and we must show to be right": the points that are the inbox's, by their numbers. 8 is in auth.test.ts, 5 and 10 in the browser. */
import { connect } from 'node:net';
import { createClient } from '@fanfare/client';
import { FakeClock, openStreamOn, StreamReader, untilOn } from '@fanfare/testkit';
import type { InboxShapes } from '@fanfare-systems/inbox';
import { describe, expect, it } from 'vitest';
import { LINH, login, send, startInbox, streamOf, trigger } from './inbox-support.ts';

describe('3. events sent during a reconnect are lost', () => {
  it('ours are replayed from the last id seen, wherever the stream broke: no gap, no duplicate', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const seen: unknown[] = [];
    let lastId = '';

    for (let n = 1; n <= 30; n += 1) {
      using reader = await StreamReader.open(streamOf(running.url), {
        ...bearer,
        ...(lastId === '' ? {} : { 'last-event-id': lastId }),
      });
      await reader.first('unread');
      await trigger(running.url, { user_id: LINH, title: `${n}` });
      // Every third stream breaks before its notification has come.
      if (n % 3 !== 0) await expect.poll(() => seen.length + reader.of('notification').length).toBe(n);
      reader.close();
      seen.push(...reader.of('notification').map(({ data }) => data['title']));
      if (reader.lastId !== '') lastId = reader.lastId;
    }
    using last = await StreamReader.open(streamOf(running.url), { ...bearer, 'last-event-id': lastId });
    await expect.poll(() => seen.length + last.of('notification').length).toBe(30);
    seen.push(...last.of('notification').map(({ data }) => data['title']));

    expect(seen).toEqual(Array.from({ length: 30 }, (_, index) => `${index + 1}`));
  });
});

describe('4. a heartbeat with empty data is invisible', () => {
  it('ours carries data, every 30 s, and costs less than 10 KB an hour', async () => {
    const clock = new FakeClock();
    await using running = await startInbox({ hub: { clock } });
    const { bearer } = await login(running.url, 'spectator');
    using stream = await openStreamOn(clock, streamOf(running.url), bearer);
    await untilOn(clock, () => stream.of('unread').length === 1);

    await clock.advance(61_000);
    await untilOn(clock, () => stream.of('ping').length >= 2);

    const [ping] = stream.of('ping');
    expect(ping?.data).toEqual({ timestamp: expect.any(Number) });
    expect(stream.of('ping').length).toBeLessThanOrEqual(3);
    const block = `event: ping\ndata: ${ping?.raw}\n\n`;
    expect(block.length * 120).toBeLessThan(10_000);
  });
});

describe('6. everybody comes back at once', () => {
  it('ours are told when, each at another moment', async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const streams = await Promise.all(
      Array.from({ length: 20 }, () => StreamReader.open(streamOf(running.url), bearer)),
    );
    await Promise.all(streams.map((stream) => stream.first('unread')));

    const retries = streams.map(({ retryMs = 0 }) => retryMs);

    expect(Math.min(...retries)).toBeGreaterThanOrEqual(1000);
    expect(new Set(retries).size).toBeGreaterThan(5);
    for (const stream of streams) stream.close();
  });
});

describe('7. a queue per user that grows without bound when the reader is slow', () => {
  it('ours ends such a stream, which resumes; the user’s other devices notice nothing', {
    timeout: 60_000,
  }, async () => {
    await using running = await startInbox({ hub: { limits: { maxBufferedBytes: 64 * 1024 } } });
    const { bearer } = await login(running.url, 'spectator');
    using quick = await StreamReader.open(streamOf(running.url), bearer);
    await quick.first('unread');
    const { port } = new URL(running.url);
    const slow = connect(Number(port), '127.0.0.1');
    slow.write(
      `GET /api/notifications/stream/ HTTP/1.1\r\nHost: x\r\nAuthorization: ${bearer['authorization']}\r\n\r\n`,
    );
    await expect.poll(() => running.live.stats().connections).toBe(2);
    slow.pause();

    let sent = 0;
    while (running.live.stats().slowConsumers === 0) {
      await trigger(running.url, { user_id: LINH, message: 'x'.repeat(4000), data: 'y'.repeat(15_000) });
      sent += 1;
      expect(sent).toBeLessThan(2000);
    }

    await quick.count('notification', sent);
    expect(running.live.stats().connections).toBe(1);
    slow.destroy();
  });
});

describe('9. Access-Control-Allow-Origin: *', () => {
  it('ours lets no other site read, with whatever it sends', async () => {
    await using running = await startInbox();
    const { cookie } = await login(running.url, 'spectator');
    const foreign = { ...cookie, origin: 'https://elsewhere.example' };

    for (const path of ['/api/notifications/', '/api/notifications/stream/', '/api/stream-tickets']) {
      const method = path.endsWith('tickets') ? 'POST' : 'GET';
      const abort = new AbortController();
      const answer = await fetch(running.url + path, { method, headers: foreign, signal: abort.signal });
      expect(answer.headers.get('access-control-allow-origin'), path).toBeNull();
      abort.abort();
    }
    expect(
      (await send('OPTIONS', `${running.url}/api/notifications/`, undefined, foreign)).headers.get(
        'access-control-allow-origin',
      ),
    ).toBeNull();
  });
});

describe('11. the server emits one name, the client listens for another', () => {
  it('ours does not compile', async () => {
    await using running = await startInbox();
    const client = createClient<InboxShapes>({ url: running.url });
    const inbox = client.channel('inbox:5');

    inbox.on('notification', ({ title, read_at: readAt }) => [title, readAt]);
    // @ts-expect-error: the channel declares no event of this name.
    inbox.on('new-notification', () => undefined);
    // @ts-expect-error: nor may the server publish it.
    const publish = () => running.live.channel('inbox:5').publish('new-notification', {});

    await expect(publish()).rejects.toMatchObject({ code: 'EVENT_UNKNOWN' });
    client.close();
  });
});
