/** `fanfare` as people start it: a child process, signals, exit codes, and what is on disk afterwards. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startServerProcess } from '@fanfare/testkit';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Commands, type Ended } from './commands.ts';

const SCRIPT = fileURLToPath(new URL('../../bin/fanfare.js', import.meta.url));

let folder: string;
let commands: Commands;
beforeAll(() => {
  commands = new Commands();
});
afterAll(() => commands[Symbol.asyncDispose]());
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'fanfare-cli-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Runs to the end as a process of its own, in the test's folder. */
async function run(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  const child = spawn(process.execPath, [SCRIPT, ...args], {
    cwd: folder,
    env: { PATH: process.env['PATH'] ?? '', FANFARE_WARM_UP: '0', ...env },
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk: Buffer) => {
    out += chunk.toString();
  });
  child.stderr.on('data', (chunk: Buffer) => {
    err += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** The same, but for the process. */
function command(args: readonly string[], env: Record<string, string> = {}): Promise<Ended> {
  return commands.run({ folder, args, env });
}

async function publish(
  url: string,
  key: string,
  event: object,
): Promise<{ position: string; ack: string; duplicate: boolean }> {
  const response = await fetch(`${url}/live/api/publish`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify(event),
  });
  expect(response.status).toBe(200);
  return response.json();
}

async function history(
  url: string,
  key: string,
  channel: string,
): Promise<{ events: { data: unknown }[]; position: string }> {
  const response = await fetch(`${url}/live/api/history`, {
    method: 'POST',
    headers: { 'X-API-Key': key, 'Content-Type': 'application/json' },
    body: JSON.stringify({ channel, limit: 1000 }),
  });
  return response.json();
}

describe('fanfare', () => {
  it.each([[['--help']], [['serve', '--help']], [['serve', '--port', '1', '-h']], [[]]])(
    '%j prints help',
    async (args) => {
      const { code, out } = await command(args);

      expect(code).toBe(0);
      expect(out).toContain('fanfare serve');
    },
  );

  it('serve --help names every setting and its variable', async () => {
    const { out } = await command(['serve', '--help']);

    for (const word of [
      '--port N',
      'FANFARE_PORT or PORT',
      '--engine',
      'FANFARE_ENGINE',
      '--check-config',
      'default 3001',
    ]) {
      expect(out).toContain(word);
    }
  });

  it('--version prints the version of the package', async () => {
    expect((await run(['--version'])).out).toMatch(/^\d+\.\d+\.\d+\n$/);
  });

  it('refuses a command that does not exist with exit code 2', async () => {
    expect(await run(['sevre'])).toEqual({
      code: 2,
      out: '',
      err: 'fanfare: there is no command "sevre"; fanfare --help lists them\n',
    });
  });
});

describe('fanfare serve --check-config', () => {
  it('says that all is well, and starts and writes nothing', async () => {
    expect(await run(['serve', '--check-config'])).toEqual({ code: 0, out: 'The configuration is valid.\n', err: '' });
    expect(existsSync(join(folder, 'data'))).toBe(false);
  });

  it('fails on a name that nobody knows, which serve only warns of', async () => {
    writeFileSync(join(folder, 'fanfare.yaml'), 'engine: memory\nprot: 1\n');

    const { code, err } = await command(['serve', '--check-config'], { FANFARE_TYPO: '1' });

    expect(code).toBe(1);
    expect(err).toContain('fanfare: error: FANFARE_TYPO: no such setting');
    expect(err).toContain('fanfare: error: fanfare.yaml:2: prot: no such setting');
  });

  it('fails on a value that is wrong, one line per problem', async () => {
    const { code, err } = await command(['serve', '--check-config', '--engine', 'nats://x'], { PORT: 'x' });

    expect(code).toBe(1);
    expect(err.trim().split('\n')).toEqual([
      expect.stringMatching(/^fanfare: error: PORT: port: expected .*, got "x"$/),
      expect.stringMatching(
        /^fanfare: error: --engine: engine: expected .* not available in this version\), got "nats:\/\/x"$/,
      ),
    ]);
  });
});

describe('fanfare serve that cannot start', () => {
  it('says that the port is taken, in one line, with exit code 1', async () => {
    const other = createServer().listen(0);
    await once(other, 'listening');
    const address = other.address();
    const port = String(typeof address === 'object' && address !== null ? address.port : 0);

    const { code, err } = await run(['serve', '--engine', 'memory'], { PORT: port, FANFARE_API_KEY: 'k' });
    other.close();

    expect(code).toBe(1);
    expect(err).toBe(`fanfare: port ${port} is in use by another process; choose another with --port or PORT\n`);
  });

  it('says that the data folder cannot be used, in one line, with exit code 1', async () => {
    writeFileSync(join(folder, 'taken'), '');

    for (const env of [{}, { FANFARE_API_KEY: 'k' }]) {
      const { code, err } = await run(['serve', '--port', '0', '--data', 'taken'], env);

      expect(code).toBe(1);
      expect(err).toMatch(
        /^fanfare: the data folder taken cannot be made \(EEXIST\); choose another with --data or FANFARE_DATA\n$/,
      );
    }
  });

  it('says so of a folder in /proc too, where mkdir -p never came back', async () => {
    const { code, err } = await run(['serve', '--port', '0'], { FANFARE_DATA: '/proc/x' });

    expect(code).toBe(1);
    expect(err).toMatch(/^fanfare: the data folder \/proc\/x cannot be made \(E[A-Z]+\); .*\n$/);
  });

  it('says that the data file is not ours, in one line, and leaves it as it was', async () => {
    writeFileSync(join(folder, 'fanfare.db'), 'my diary, not a database'.repeat(100));

    const { code, err } = await run(['serve', '--port', '0', '--data', '.']);

    expect(code).toBe(1);
    expect(err.trim().split('\n')).toHaveLength(1);
    expect(readFileSync(join(folder, 'fanfare.db'), 'utf8')).toContain('my diary');
  });
});

describe('fanfare serve', () => {
  it('makes a key at the first start, and says where it is, with commands that work, but never what it is: this is no terminal', async () => {
    await using server = await startServerProcess({ script: SCRIPT, args: ['serve'] });
    const path = join(server.dataFolder, 'api-key');
    const key = readFileSync(path, 'utf8').trim();

    await publish(server.url, key, { channel: 'public:hello', event: 'greeting', data: { text: 'hi' } });
    await fetch(`${server.url}/live/api/stats`, { method: 'POST', headers: { 'X-API-Key': `${key}x` } });
    const code = await server.stop('SIGTERM');
    await server.start();

    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(server.output).toContain(`-H "X-API-Key: $(cat ${path})"`);
    expect(server.output).not.toContain(key);
    expect(code).toBe(0);
  });

  it('neither makes nor prints a key when it is given one', async () => {
    await using server = await startServerProcess({
      script: SCRIPT,
      args: ['serve'],
      env: { FANFARE_API_KEY: 'given-by-me', FANFARE_LOG_LEVEL: 'trace', FANFARE_LOG_REQUESTS: '1' },
    });

    await publish(server.url, 'given-by-me', { channel: 'public:a', event: 'e', data: 'payload-of-mine' });
    await fetch(`${server.url}/live/sse?token=token-of-mine`);
    await server.stop();

    expect(existsSync(join(server.dataFolder, 'api-key'))).toBe(false);
    expect(server.output).toContain('"msg":"request"');
    expect(server.output).not.toMatch(/given-by-me|payload-of-mine|token-of-mine/);
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'ends in order with exit code 0 on %s, and tells its streams to come back',
    async (signal) => {
      await using server = await startServerProcess({
        script: SCRIPT,
        args: ['serve'],
        env: { FANFARE_ENGINE: 'memory', FANFARE_API_KEY: 'k' },
      });
      const stream = await fetch(`${server.url}/live/sse?channel=public:a`);
      const text = stream.text();

      const code = await server.stop(signal);

      expect(code).toBe(0);
      expect(await text).toMatch(/event: close\ndata: .*"reconnect":true/);
      for (const line of server.output.trim().split('\n')) expect(JSON.parse(line)).toHaveProperty('msg');
    },
  );

  it('keeps what it acknowledged through kill -9 in the middle of a burst, each event once and in order', async () => {
    const key = 'k';
    await using server = await startServerProcess({ script: SCRIPT, args: ['serve'], env: { FANFARE_API_KEY: key } });
    const acked: number[] = [];
    for (const round of [0, 1, 2]) {
      const sending = Array.from({ length: 8 }, async (_, sender) => {
        for (let n = 0; n < 400; n += 1) {
          const id = round * 100_000 + sender * 10_000 + n;
          const receipt = await publish(server.url, key, {
            channel: 'public:burst',
            event: 'n',
            data: id,
            idempotencyKey: String(id),
          }).catch(() => undefined);
          if (receipt === undefined) return;
          expect(receipt).toMatchObject({ ack: 'committed', duplicate: false });
          acked.push(id);
        }
      });
      await expect.poll(() => acked.length, { timeout: 15_000 }).toBeGreaterThan(round * 50 + 50);
      await server.stop('SIGKILL');
      await Promise.all(sending);
      await server.start();
    }
    const last = acked.at(-1) ?? 0;

    const repeated = await publish(server.url, key, {
      channel: 'public:burst',
      event: 'n',
      data: last,
      idempotencyKey: String(last),
    });
    const kept = (await history(server.url, key, 'public:burst')).events.map((event) => Number(event.data));

    expect(repeated.duplicate).toBe(true);
    expect(new Set(kept).size).toBe(kept.length);
    const newest = acked.slice(-Math.min(acked.length, kept.length - 24));
    expect(newest.filter((id) => !kept.includes(id))).toEqual([]);
    for (let sender = 0; sender < 8; sender += 1) {
      const own = kept.filter((id) => Math.floor((id % 100_000) / 10_000) === sender);
      expect(own).toEqual([...own].sort((a, b) => a - b));
    }
  });
});

describe('a clone that is not built', () => {
  it('says how it is built, in one line, with exit code 1', async () => {
    cpSync(SCRIPT, join(folder, 'bin/fanfare.mjs'));
    const child = spawn(process.execPath, [join(folder, 'bin/fanfare.mjs'), 'serve']);
    let err = '';
    child.stderr.on('data', (chunk: Buffer) => {
      err += chunk.toString();
    });
    const [code] = await once(child, 'close');

    expect(err).toBe('fanfare: this clone is not built: run npm ci && npm run build in it\n');
    expect(code).toBe(1);
  });
});
