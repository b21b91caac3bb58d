/** The publishers in every language, with nothing but its HTTP client, against a real server. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ServerProcess, startFaultProxy } from '@fanfare/testkit';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isInstalled, type RunningProgram, runProgram } from './run-program.ts';
import { API_KEY, example, Listener, startFanfare } from './stage.ts';

interface Publisher {
  readonly language: string;
  readonly command: string;
  readonly args: readonly string[];
  /** How to see that the language is installed; without it, it has to be. */
  readonly installed?: { readonly ask: readonly string[]; readonly expected: RegExp };
}

const PUBLISHERS: readonly Publisher[] = [
  { language: 'curl', command: 'sh', args: [example('curl/publish.sh')] },
  { language: 'Python', command: 'python3', args: [example('python/publish.py')] },
  {
    language: 'Java',
    command: 'java',
    args: [example('java/Publish.java')],
    // With its compiler: a runtime alone does not run a source file.
    installed: { ask: ['--add-modules', 'jdk.compiler', '--version'], expected: /^\w+ (1[7-9]|[2-9]\d)/ },
  },
  {
    language: 'PHP',
    command: 'php',
    args: [example('php/publish.php')],
    installed: { ask: ['--version'], expected: /^PHP [89]/ },
  },
  {
    language: 'Go',
    command: 'go',
    args: ['run', example('go/publish.go')],
    installed: { ask: ['version'], expected: /^go version/ },
  },
];

/** The first `go run` compiles what it imports. */
const TIMEOUT = 180_000;

const scratch = mkdtempSync(join(tmpdir(), 'fanfare-examples-'));
/** Caches of compilers stay here, and nothing is fetched. */
const COMPILERS = {
  HOME: scratch,
  TMPDIR: scratch,
  GOCACHE: join(scratch, 'go-build'),
  GOPATH: join(scratch, 'go'),
  GOFLAGS: '',
  GOPROXY: 'off',
  GOTOOLCHAIN: 'local',
};

let server: ServerProcess;
let listener: Listener;

beforeAll(async () => {
  server = await startFanfare();
  listener = new Listener(server.url);
  await listener.subscribed;
}, 90_000);
afterAll(async () => {
  listener?.close();
  await server?.[Symbol.asyncDispose]();
  rmSync(scratch, { recursive: true, force: true });
});

describe.each(PUBLISHERS)('a publisher in $language', (publisher) => {
  const { language, command, installed } = publisher;
  const isRun = installed === undefined || isInstalled(command, installed);
  if (!isRun)
    process.stderr.write(`examples: ${command} is not installed, so the publisher in ${language} is not run\n`);
  /** A number of its own in every language: the key is made of it. */
  const first = 100 * (1 + PUBLISHERS.indexOf(publisher));

  function publish(
    order: number,
    env: Readonly<Record<string, string>> = {},
  ): Promise<RunningProgram & { code: number | null }> {
    const { args } = publisher;
    return runProgram({
      command,
      args: [...args, String(order)],
      env: { ...COMPILERS, FANFARE_URL: server.url, FANFARE_API_KEY: API_KEY, ...env },
    });
  }

  it.runIf(isRun)('reaches who listens, and once when it is run twice', { timeout: TIMEOUT }, async () => {
    const once = await publish(first);
    const twice = await publish(first);
    const next = await publish(first + 1);

    expect([once, twice, next].map(({ code, stderr }) => ({ code, stderr }))).toEqual(
      Array(3).fill({ code: 0, stderr: '' }),
    );
    const [one, two, three] = [once, twice, next].map(({ stdout }) => JSON.parse(stdout));
    expect(one).toEqual({ position: expect.any(String), duplicate: false, ack: 'committed' });
    expect(two).toEqual({ ...one, duplicate: true });
    expect(three.duplicate).toBe(false);
    await expect.poll(() => listener.orders.filter(isOurs)).toEqual([first, first + 1]);
  });

  it.runIf(isRun)('asks again when the answer is cut off, and is stored once', { timeout: TIMEOUT }, async () => {
    await using proxy = await startFaultProxy({ targetPort: server.port });
    // The request arrives; of the answer only the first bytes come back.
    proxy.cutAfter(20);

    const publishing = publish(first + 2, { FANFARE_URL: `http://127.0.0.1:${proxy.port}` });
    await expect.poll(() => listener.orders, { timeout: 60_000 }).toContain(first + 2);
    await expect.poll(() => proxy.open, { timeout: 60_000 }).toBe(0);
    proxy.cutAfter(undefined);
    const { code, stdout } = await publishing;

    expect(code).toBe(0);
    expect(JSON.parse(stdout)).toMatchObject({ duplicate: true });
    expect(listener.orders.filter((order) => order === first + 2)).toHaveLength(1);
  });

  it.runIf(isRun)('says what is wrong and fails with a key that is not valid', { timeout: TIMEOUT }, async () => {
    const { code, stdout, stderr } = await publish(first + 3, { FANFARE_API_KEY: 'wrong' });

    expect(code).toBe(1);
    expect(stdout + stderr).toContain('API_KEY_INVALID');
    expect(stderr).not.toMatch(/Traceback|^\s+at |Stack trace|goroutine/m);
    expect(listener.orders).not.toContain(first + 3);
  });

  function isOurs(order: unknown): boolean {
    return typeof order === 'number' && order >= first && order < first + 2;
  }
});
