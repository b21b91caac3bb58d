/** The operator's switch, for clients that know nothing of it. */
import { StreamReader } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { LINH, login, ok, send, startInbox, streamOf, trigger } from './inbox-support.ts';

describe('the way back to polling, for a stream without our SDK', () => {
  /** What an EventSource does: comes back with its last id, when it was told to. */
  async function* comesBack(url: string, headers: Readonly<Record<string, string>>): AsyncGenerator<StreamReader> {
    let lastId = '';
    for (;;) {
      using reader = await StreamReader.open(url, {
        ...headers,
        ...(lastId === '' ? {} : { 'last-event-id': lastId }),
      });
      yield reader;
      await expect.poll(() => reader.ended, { timeout: 10_000 }).toBe(true);
      if (reader.lastId !== '') lastId = reader.lastId;
    }
  }

  it('is the same path: streams end after one look and are polled, miss nothing, and are streams again', {
    timeout: 60_000,
  }, async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    const admin = await login(running.url, 'admin');
    const set = (transports: readonly string[]) =>
      ok(send('PUT', `${running.url}/api/notifications/transports/`, { transports }, admin.bearer));
    const source = comesBack(streamOf(running.url), bearer);
    const titles: unknown[] = [];
    const next = async (): Promise<StreamReader> => {
      const { value } = await source.next();
      if (value === undefined) throw new Error('it never ends');
      await value.first('unread');
      return value;
    };
    const take = (reader: StreamReader) => titles.push(...reader.of('notification').map(({ data }) => data['title']));

    const stream = await next();
    await trigger(running.url, { user_id: LINH, title: 'live' });
    await stream.first('notification');
    take(stream);
    const switched = performance.now();
    await set(['poll']);
    const look = await next();
    expect(performance.now() - switched).toBeLessThan(5000);
    await trigger(running.url, { user_id: LINH, title: 'between' });
    await expect.poll(() => look.ended, { timeout: 10_000 }).toBe(true);
    expect(look.retryMs).toBeLessThanOrEqual(5000);
    take(look);
    const another = await next();
    await expect.poll(() => another.ended, { timeout: 10_000 }).toBe(true);
    take(another);
    await set(['ws', 'sse', 'poll']);
    const again = await next();
    await trigger(running.url, { user_id: LINH, title: 'live again' });
    await expect.poll(() => again.of('notification').some(({ data }) => data['title'] === 'live again')).toBe(true);
    take(again);

    expect(titles).toEqual(['live', 'between', 'live again']);
    expect(again.ended).toBe(false);
    again.close();
  });
});
