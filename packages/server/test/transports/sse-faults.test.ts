/** What the application's own functions may get wrong: it is said where a developer looks, and nobody is let in by mistake. */
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type Authenticate, log } from '../../src/index.ts';
import { warnOfFaults } from '../../src/warn-faults.ts';
import { RawClient, startWith } from './live-fixture.ts';

interface Mistakes {
  /** What the access rule answers; undefined: public. */
  readonly access?: () => unknown;
  readonly authenticate?: () => unknown;
}

/** The message that onError was told when somebody subscribed; undefined: the stream was opened. */
async function faultOf({ access, authenticate }: Mistakes): Promise<string | undefined> {
  const faults: unknown[] = [];
  const definition = log({ access: access === undefined ? 'public' : (access as () => { allow: true }) });
  await using running = await startWith({
    channels: { 'chat:{room}': definition },
    ...(authenticate && { authenticate: authenticate as Authenticate }),
    onError: (error) => faults.push(error),
  });
  using client = RawClient.get(running.port, '/live/sse?channel=chat:lobby');
  await vi.waitUntil(() => client.named('error').length > 0 || client.named('subscribed').length > 0);
  if (faults.length === 0) return undefined;
  expect(JSON.parse(client.named('error')[0]?.data ?? '')).toMatchObject({ code: 'INTERNAL', retry: true });
  expect(client.text).not.toMatch(/chat:\{room\}|authenticate/);
  const [error] = faults;
  return error instanceof Error ? `${error.name}: ${error.message}` : undefined;
}

describe('an access rule that answers nonsense', () => {
  const must = 'TypeError: access of "chat:{room}" must return { allow: true } or { allow: false, status, code }, got ';
  it.each<readonly [unknown, string]>([
    [true, 'true'],
    [false, 'false'],
    [undefined, 'nothing'],
    [null, 'null'],
    ['yes', 'a string'],
    [{}, '{}'],
    [{ allow: 'yes' }, '{ allow: a string }'],
    [{ allow: false }, '{ allow: false }'],
    [{ allow: false, status: 418, code: 'TEAPOT' }, '{ allow: false, status: 418, code: a string }'],
    [{ allow: false, status: 403 }, '{ allow: false, status: 403 }'],
    [Promise.resolve(true), 'true'],
  ])('%j is told to onError in words, and lets nobody in', async (answer, got) => {
    expect(await faultOf({ access: () => answer })).toBe(must + got);
  });

  it('that throws is told as it was thrown', async () => {
    const access = () => {
      throw new Error('no such table');
    };

    expect(await faultOf({ access })).toBe('Error: no such table');
  });
});

describe('an authenticate that answers no identity', () => {
  it.each<readonly [unknown, string]>([
    [true, 'true'],
    ['An', 'a string'],
    [{ id: 7, name: 'An' }, '{ id: 7, name: a string }'],
    [{ subject: '7' }, '{ subject: a string }'],
    [{ subject: '', roles: [] }, '{ subject: a string, roles: an array }'],
    [{ subject: 7, roles: [] }, '{ subject: 7, roles: an array }'],
    [{ subject: '7', roles: 'admin' }, '{ subject: a string, roles: a string }'],
    [{ subject: '7', roles: [1] }, '{ subject: a string, roles: an array }'],
  ])('%j is told to onError in words', async (answer, got) => {
    expect(await faultOf({ authenticate: () => answer })).toBe(
      `TypeError: authenticate must return { subject, roles } (a string, an array of strings), or undefined for nobody, got ${got}`,
    );
  });

  it('null is nobody, as undefined is', async () => {
    const asked: unknown[] = [];
    const access = (...requests: readonly unknown[]) => asked.push(...requests) > 0 && { allow: true };

    expect(await faultOf({ authenticate: () => null, access })).toBeUndefined();
    expect(asked).toMatchObject([{ identity: undefined }]);
  });
});

describe('onError left out', () => {
  const emitWarning = vi.spyOn(process, 'emitWarning').mockImplementation(() => undefined);
  afterEach(() => emitWarning.mockClear());
  const told = () => emitWarning.mock.calls.map(([message]) => String(message));

  it('warns on stderr of a rule that answers true: it failed silently and for ever', async () => {
    const access = (() => true) as unknown as () => { allow: true };
    await using running = await startWith({ channels: { 'chat:{room}': log({ access }) } });

    for (let n = 0; n < 3; n += 1) {
      using client = RawClient.get(running.port, '/live/sse?channel=chat:lobby');
      await client.untilClosed();
    }

    expect(told()).toEqual([expect.stringContaining('access of "chat:{room}" must return { allow: true }')]);
  });

  it('says each message once a minute, however often it happens', () => {
    let now = 0;
    const warn = warnOfFaults({ now: () => now });

    for (now = 0; now < 120_000; now += 1000) {
      warn(new Error('database is down'));
      if (now % 30_000 === 0) warn(new Error('out of memory'));
    }

    expect(told().filter((message) => message.endsWith('database is down'))).toHaveLength(2);
    expect(told().filter((message) => message.endsWith('out of memory'))).toHaveLength(2);
  });

  it('bounds what it remembers and says: messages that name a request are all different', () => {
    let now = 0;
    const warn = warnOfFaults({ now: () => now });

    for (let n = 0; n < 10_000; n += 1) warn(new Error(`request ${n} failed`));
    expect(told()).toHaveLength(50);
    now = 60_000;
    warn(new Error('something new'));

    expect(told().at(-1)).toMatch(/something new$/);
  });

  it('takes what is thrown without being an error', () => {
    const warn = warnOfFaults({ now: () => 0 });

    for (const thrown of [undefined, null, 'text', Symbol('s'), Object.create(null)])
      expect(() => warn(thrown)).not.toThrow();
    expect(told().length).toBeGreaterThan(0);
  });
});
