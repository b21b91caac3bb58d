/** Other languages send with what they have at hand: Python's standard library, and curl. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { StreamReader } from '@fanfare/testkit';
import { describe, expect, it } from 'vitest';
import { API_KEY, LINH, list, login, startInbox, streamOf, type Triggered } from './inbox-support.ts';

const run = promisify(execFile);

const PUBLISHERS = [
  ['python3', 'notify.py'],
  ['sh', 'notify.sh'],
] as const;

/** Nothing of this process's environment reaches it but the path. */
function publish(command: string, args: readonly string[], env: Readonly<Record<string, string>>) {
  return run(command, [...args], { env: { PATH: process.env['PATH'] ?? '', ...env }, timeout: 30_000 });
}

describe.each(PUBLISHERS)('a publisher in %s (%s)', (command, file) => {
  const script = fileURLToPath(new URL(`../publishers/${file}`, import.meta.url));

  it('sends a notification that an open stream shows, once however often it is run', { timeout: 60_000 }, async () => {
    await using running = await startInbox();
    const { bearer } = await login(running.url, 'spectator');
    using stream = await StreamReader.open(streamOf(running.url), bearer);
    await stream.first('unread');
    const env = { FANFARE_URL: running.url, FANFARE_API_KEY: API_KEY };

    const first = await publish(command, [script, String(LINH), 'Đã thanh toán', 'invoice-7'], env);
    const again = await publish(command, [script, String(LINH), 'Đã thanh toán', 'invoice-7'], env);

    const [sent, repeated] = [first, again].map(({ stdout }) => JSON.parse(stdout) as Triggered);
    expect([sent?.sent, repeated?.sent, repeated?.duplicates]).toEqual([1, 0, 1]);
    expect((await stream.first('notification')).data).toMatchObject({ title: 'Đã thanh toán', type: 'success' });
    expect((await list(running.url, bearer)).items).toHaveLength(1);
  });

  it('says what was wrong, and fails', { timeout: 60_000 }, async () => {
    await using running = await startInbox();
    const env = { FANFARE_URL: running.url, FANFARE_API_KEY: 'wrong' };

    const failure: unknown = await publish(command, [script, String(LINH), 'x', 'k'], env).catch((error) => error);

    expect(failure).toMatchObject({ code: expect.any(Number) });
    expect(`${Reflect.get(Object(failure), 'stdout')}${Reflect.get(Object(failure), 'stderr')}`).toContain(
      'UNAUTHENTICATED',
    );
  });
});
