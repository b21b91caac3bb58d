/** Commands of a one-way wire: by a request beside it, several at a time, in order. */
import { describe, expect, it } from 'vitest';
import type { ClientError } from '../src/index.ts';
import { type Harness, harness, subscribed } from './client-harness.ts';
import { settle } from './fake-platform.ts';

async function streaming(options: Parameters<typeof harness>[0] = {}): Promise<Harness> {
  const made = harness(options);
  made.client.channel('log:a').on('added', () => undefined);
  await made.accept(subscribed('log:a', 'e.0'));
  return made;
}

function refusal(status: number, code: string, headers: Record<string, string> = {}): () => Response {
  return () => Response.json({ error: { code, message: 'No.' } }, { status, headers });
}

/** The code that a publish failed with, so far. */
function failure(receipt: Promise<unknown>): { code?: string } {
  const told: { code?: string } = {};
  receipt.catch((error: ClientError) => Object.assign(told, { code: error.code }));
  return told;
}

describe('the uplink', () => {
  it('sends what comes in one turn in one request, at most 64 at a time, one request after the other', async () => {
    const { client, platform } = await streaming({ token: () => 'secret' });
    for (let index = 0; index < 100; index += 1) client.channel(`log:${index}`).on('added', () => undefined);
    let answerFirst = (_: Response): void => undefined;
    platform.postAnswers.push(() => new Promise((resolve) => (answerFirst = resolve)));
    await settle();
    expect(platform.posts.map(({ frames }) => frames.length)).toEqual([64]);

    answerFirst(Response.json({ frames: [] }));
    await settle();

    expect(platform.posts.map(({ frames }) => frames.length)).toEqual([64, 36]);
    expect(platform.posted.map(({ channel }) => channel)).toEqual(Array.from({ length: 100 }, (_, n) => `log:${n}`));
    expect(platform.posts.map(({ headers }) => headers.get('authorization'))).toEqual(Array(2).fill('Bearer secret'));
  });

  it('that the server does not know is that of a connection which is gone: another is opened, with all channels', async () => {
    const { client, platform } = await streaming();
    platform.postAnswers.push(refusal(404, 'CONNECTION_UNKNOWN'));
    client.channel('log:b').on('added', () => undefined);
    await settle();
    expect(client.connection).toMatchObject({ status: 'reconnecting', reason: { code: 'CONNECTION_UNKNOWN' } });

    await platform.nextRequest();

    expect(platform.stream.channels).toEqual(['log:a', 'log:b']);
  });

  it('that is refused with 401 asks for a fresh token, and goes on with it', async () => {
    const asked: boolean[] = [];
    const token = ({ refresh }: { refresh: boolean }): string => {
      asked.push(refresh);
      return refresh ? 'new' : 'old';
    };
    const { client, platform } = await streaming({ token });
    platform.postAnswers.push(refusal(401, 'UNAUTHENTICATED'));
    client.channel('log:b').on('added', () => undefined);
    await settle();

    expect(asked).toEqual([false, true]);
    expect(platform.stream.channels).toEqual(['log:a', 'log:b']);
    expect(platform.stream.headers.get('authorization')).toBe('Bearer new');
  });

  it('with publishes alone that gets 503 leaves the stream as it is, and sends them again', async () => {
    const { client, platform } = await streaming();
    platform.postAnswers.push(refusal(503, 'ENGINE_UNAVAILABLE'));
    const told = failure(client.channel('log:a').publish('added', 1));
    await settle();
    expect(client.connection.status).toBe('live');
    expect(platform.posts).toHaveLength(1);

    platform.advance(250);
    await settle();

    expect(platform.posts.map(({ frames }) => frames)).toEqual([platform.posts[0]?.frames, platform.posts[0]?.frames]);
    expect(told).toEqual({});
  });

  it('with a subscription that gets 503 ends the stream, which would not show what it should', async () => {
    const { client, platform } = await streaming();
    platform.postAnswers.push(refusal(503, 'ENGINE_UNAVAILABLE', { 'retry-after': '5' }));
    client.channel('log:b').on('added', () => undefined);
    await settle();

    expect(client.connection.status).toBe('reconnecting');
    expect(client.connection.retryAt).toBeGreaterThanOrEqual(platform.wallTime() + 5000);
  });

  it('tells of a channel that is refused in its answer', async () => {
    const { client, platform, errors } = await streaming();
    platform.postAnswers.push(({ frames: [frame] }) =>
      Response.json({ frames: [{ type: 'error', id: frame?.['id'], code: 'FORBIDDEN', message: 'Not yours.' }] }),
    );
    client.channel('log:b').on('added', () => undefined);
    await settle();

    expect(client.channel('log:b').subscription).toMatchObject({ status: 'refused', reason: { code: 'FORBIDDEN' } });
    expect(client.channel('log:a').subscription.status).toBe('subscribed');
    expect(errors.map(({ code, channel }) => `${code} ${channel}`)).toEqual(['FORBIDDEN log:b']);
  });
});
