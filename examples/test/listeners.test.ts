/** Those who listen from a shell or from Node: what they print, and that they resume. */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { RunningProgram } from './run-program.ts';
import { example, headOf, publishOrder, startFanfare, subscribers, tagOf } from './stage.ts';

interface Order {
  readonly order: number;
}

const DEADLINE = { timeout: 40_000 };

let server: ServerProcess;
const scratch = mkdtempSync(join(tmpdir(), 'fanfare-examples-'));

beforeAll(async () => {
  server = await startFanfare();
}, 90_000);
afterAll(async () => {
  await server?.[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

describe('curl/subscribe.sh', { timeout: 180_000 }, () => {
  const kept = join(scratch, 'last-id.txt');
  const subscribe = (url: string): RunningProgram =>
    new RunningProgram({ command: 'sh', args: [example('curl/subscribe.sh'), kept], env: { FANFARE_URL: url } });

  it('prints events, resumes after a cut, and goes on where it was when it is started again', async () => {
    await using proxy = await startFaultProxy({ targetPort: server.port });
    {
      await using first = subscribe(`http://127.0.0.1:${proxy.port}`);
      await subscribed(1);
      await publishOrder(server.url, 1);
      await expect.poll(() => ordersOf(first), DEADLINE).toEqual([1]);

      proxy.cutAll();
      await publishOrder(server.url, 2);
      await expect.poll(() => ordersOf(first), DEADLINE).toEqual([1, 2]);
      await expectKept(kept, await headOf(server.url));
    }
    await subscribed(0);
    await publishOrder(server.url, 3);

    await using second = subscribe(server.url);

    await expect.poll(() => ordersOf(second), DEADLINE).toEqual([3]);
    expect(second.stderr).toBe('');
  });

  it('says so when what it missed is gone', async () => {
    writeFileSync(kept, 'another.1');

    await using running = subscribe(server.url);

    await expect.poll(() => running.stderr, DEADLINE).toContain('some events are missing');
  });

  it('stops at a verdict', async () => {
    await using running = subscribe(`${server.url}/nowhere`);

    expect(await running.ended).toBe(1);
    expect(running.stderr).toContain('404');
  });
});

describe('curl/poll.sh', { timeout: 180_000 }, () => {
  const kept = join(scratch, 'last-tag.txt');
  const poll = (url: string): RunningProgram =>
    new RunningProgram({ command: 'sh', args: [example('curl/poll.sh'), kept], env: { FANFARE_URL: url } });

  it('prints what comes, asks again after a cut, and goes on where it was when it is started again', async () => {
    await using proxy = await startFaultProxy({ targetPort: server.port });
    {
      await using first = poll(`http://127.0.0.1:${proxy.port}`);
      await subscribed(1);
      await publishOrder(server.url, 21);
      await expect.poll(() => polledBy(first), DEADLINE).toEqual([21]);

      await subscribed(1);
      proxy.cutAll();
      await publishOrder(server.url, 22);
      await expect.poll(() => polledBy(first), DEADLINE).toEqual([21, 22]);
      await expectKept(kept, await tagOf(server.url));
    }
    await subscribed(0);
    await publishOrder(server.url, 23);

    await using second = poll(server.url);

    await expect.poll(() => polledBy(second), DEADLINE).toEqual([23]);
  });

  it('stops at a verdict', async () => {
    await using running = poll(`${server.url}/nowhere`);

    expect(await running.ended).toBe(1);
    expect(running.stderr).toContain('NOT_FOUND');
  });

  function polledBy(running: RunningProgram): readonly unknown[] {
    return running.lines.flatMap((line) => JSON.parse(line).events.map(({ data }: { data: Order }) => data.order));
  }
});

describe('node/follow.ts', { timeout: 180_000 }, () => {
  it('prints every order once through kill -9 of the server, and ends when it is told to', async () => {
    await using running = new RunningProgram({
      command: process.execPath,
      args: [example('dist/node/follow.js')],
      env: { FANFARE_URL: server.url },
    });
    await subscribed(1);

    await publishOrder(server.url, 11);
    await expect.poll(() => running.lines, DEADLINE).toEqual(['order 11 is paid']);
    await server.crashAndRestart();
    await publishOrder(server.url, 12);
    await expect.poll(() => running.lines, DEADLINE).toEqual(['order 11 is paid', 'order 12 is paid']);
    running.interrupt();

    expect(await running.ended).toBe(0);
    expect(running.stderr).toContain('reconnecting');
  });
});

async function subscribed(count: number): Promise<void> {
  await expect.poll(() => subscribers(server.url), DEADLINE).toBe(count);
}

/** Printing comes before keeping: who is killed in between prints again what it printed. */
async function expectKept(file: string, place: string): Promise<void> {
  await expect.poll(() => readFileSync(file, 'utf8').trim(), DEADLINE).toBe(place);
}

function ordersOf(running: RunningProgram): readonly unknown[] {
  return running.lines.map((line) => JSON.parse(line).data.order);
}
