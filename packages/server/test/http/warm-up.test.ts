/** A server that compiles what a crowd needs before its port is open: it does that, in a bounded time, and leaves nothing else behind. */
import { spawn } from 'node:child_process';
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { endsWithUs, startServerProcess } from '@fanfare/testkit';
// As it is built: a thread needs a file that Node can run.
import { type AnyFanfare, createFanfare, type HubEvent, log, memory } from 'fanfare';
import { createLogger } from 'fanfare/http';
import { type WarmUpOptions, type WarmUpStage, warmUp } from 'fanfare/internal';
import { beforeAll, describe, expect, it } from 'vitest';

const SCRIPT = fileURLToPath(new URL('../../bin/fanfare.js', import.meta.url));
const CONFIG: WarmUpOptions['config'] = {
  ...{ port: 0, host: '', trustProxy: 0, logRequests: false },
  ...{ warmUp: true, transports: ['ws', 'sse', 'poll'] },
};
/** Of each kind, to each hub. */
const VISITORS = 30 + 60 + 60 + 60;
/** What it is called since Node 22.13. */
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';
/** As long as a busy machine takes. */
const PATIENT_MS = 60_000;

/** What a warm-up did, and said. */
class Watched {
  readonly lines: string[] = [];
  readonly events: HubEvent[] = [];
  readonly hubs: AnyFanfare[] = [];
  /** Where this process listened, beside where it did before, while the second hub was made. */
  listening: readonly string[] = [];
  /** The same when it was over. */
  left: readonly string[] = [];
  readonly #before = process.platform === 'linux' ? listeners() : new Map<string, string>();

  readonly makeHub = ({ pattern, apiKey }: WarmUpStage): AnyFanfare => {
    if (this.hubs.length > 0) this.listening = this.#added();
    const hub = createFanfare({ engine: memory(), channels: { [pattern]: log({ access: 'public' }) }, apiKey });
    hub.observe((event) => this.events.push(event));
    this.hubs.push(hub);
    return hub;
  };

  async run(more: Partial<WarmUpOptions> = {}): Promise<void> {
    const write = (line: string): void => {
      const { level, msg } = JSON.parse(line);
      this.lines.push(`${level === 40 ? 'warn' : 'info'}: ${msg}`);
    };
    const logger = await createLogger({ level: 'info', destination: { write } });
    await warmUp({ config: CONFIG, logger, makeHub: this.makeHub, maxMs: PATIENT_MS, ...more });
    this.left = this.#added();
  }

  #added(): readonly string[] {
    if (process.platform !== 'linux') return [];
    return [...listeners()].filter(([inode]) => !this.#before.has(inode)).map(([, address]) => address);
  }

  opened(label: string): number {
    return this.events.filter((event) => event.kind === 'connection-opened' && event.label === label).length;
  }
}

/** Addresses that this process listens on, by socket, as the kernel writes them. */
function listeners(): ReadonlyMap<string, string> {
  const own = new Set(readdirSync('/proc/self/fd').map(inodeOf));
  const found = new Map<string, string>();
  for (const table of ['tcp', 'tcp6']) {
    for (const line of readFileSync(`/proc/self/net/${table}`, 'utf8').split('\n')) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/);
      if (state === '0A' && own.has(inode)) found.set(inode, local.split(':')[0] ?? '');
    }
  }
  return found;
}

function inodeOf(fd: string): string {
  try {
    return /^socket:\[(\d+)\]$/.exec(readlinkSync(`/proc/self/fd/${fd}`))?.[1] ?? '';
  } catch {
    return '';
  }
}

describe('a warm-up', () => {
  const watched = new Watched();
  beforeAll(() => watched.run());

  it('lets visitors do on each of two hubs what clients do: connect over both wires, get events, come back, and leave', () => {
    expect(watched.lines).toEqual(['info: warmed up']);
    expect(watched.hubs).toHaveLength(2);
    // Over each wire some come and some come back; one more misses events, and one listens alone.
    expect(watched.opened('ws')).toBe(2 * (2 * VISITORS + 1));
    expect(watched.opened('sse')).toBe(2 * (2 * VISITORS + 1));
    const recovered = watched.events.filter((event) => event.kind === 'subscribed' && event.recovered === true);
    expect(recovered).toHaveLength(2 * 2 * VISITORS);
    const bad = ['subscribe-refused', 'history-lost', 'limit-reached', 'access-denied', 'connection-failed'];
    expect(watched.events.filter(({ kind }) => bad.includes(kind))).toEqual([]);
    for (const hub of watched.hubs) {
      // Each crowd had an event of its own, and those who came back what they had missed.
      expect(hub.stats().delivered).toBeGreaterThan(2 * (2 * VISITORS + 20 * VISITORS));
    }
  });

  it.runIf(process.platform === 'linux')(
    'listens on the loopback address alone, and on nothing when it is over',
    () => {
      // 127.0.0.1, or ::ffff:127.0.0.1, in the order of this machine's bytes.
      expect(watched.listening).toHaveLength(1);
      expect(watched.listening[0]).toMatch(/^(?:0000000000000000FFFF0000)?0100007F$/);
      expect(watched.left).toEqual([]);
    },
  );

  it('visits over no wire that is not allowed', async () => {
    const watched = new Watched();

    await watched.run({ config: { ...CONFIG, transports: ['sse'] } });

    expect(watched.opened('ws')).toBe(0);
    expect(watched.opened('sse')).toBeGreaterThan(0);
  });

  it('knocks at no door where clients only poll', async () => {
    const watched = new Watched();

    await watched.run({ config: { ...CONFIG, transports: ['poll'] } });

    expect(watched.lines).toEqual(['info: warmed up']);
    expect(watched.events).toEqual([]);
  });

  it('is broken off when it takes too long, and is over then', async () => {
    const watched = new Watched();

    await watched.run({ maxMs: 1 });

    expect(watched.lines).toEqual(['info: warmed up in part: it took too long']);
    expect(watched.hubs.map((hub) => hub.stats().connections)).toEqual([0, 0]);
    expect(watched.left).toEqual([]);
  });

  it('is left out where a hub cannot be made, with a line that says so', async () => {
    const watched = new Watched();
    const makeHub = (): never => {
      throw new Error('no memory');
    };

    await watched.run({ makeHub });

    expect(watched.lines).toEqual(['warn: not warmed up: going on without']);
  });

  it('is nothing where it is switched off', async () => {
    const watched = new Watched();

    await watched.run({ config: { ...CONFIG, warmUp: false } });

    expect(watched.lines).toEqual([]);
    expect(watched.hubs).toEqual([]);
  });
});

describe('fanfare serve', () => {
  it('starts cold, and says so, where Node may start no thread', async () => {
    const args = [PERMISSION, '--allow-fs-read=*', '--allow-fs-write=*', SCRIPT, 'serve', '--port', '0'];
    const env = { ...process.env, FANFARE_WARM_UP: '1', FANFARE_API_KEY: 'key', FANFARE_ENGINE: 'memory' };
    const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
    endsWithUs(child);
    let output = '';
    child.stdout.on('data', (chunk: Buffer) => {
      output += chunk.toString();
    });

    await expect.poll(() => output, { timeout: PATIENT_MS }).toContain('"msg":"listening"');

    expect(output).toContain('not warmed up: going on without');
    child.kill('SIGKILL');
  });

  it('warms up before it listens, with one line in the log, and nothing of it is in counts, trail and data', async () => {
    const env = { FANFARE_WARM_UP: '1', FANFARE_API_KEY: 'key', FANFARE_ENGINE: 'sqlite' };
    await using server = await startServerProcess({ script: SCRIPT, args: ['serve'], env });
    const call = async (verb: string): Promise<object> => {
      const headers = { 'X-API-Key': 'key', 'Content-Type': 'application/json' };
      return (await fetch(`${server.url}/live/api/${verb}`, { method: 'POST', headers, body: '{}' })).json();
    };

    const messages = server.output
      .trim()
      .split('\n')
      .map((line): string => JSON.parse(line).msg);
    const stats = JSON.stringify(await call('stats'));
    const metrics = await (await fetch(`${server.url}/metrics`)).text();

    expect(messages).toHaveLength(2);
    expect(messages[0]).toMatch(/^warmed up/);
    expect(messages[1]).toBe('listening');
    expect(JSON.parse(stats)).toMatchObject({ connections: 0, channels: 0, published: 0, delivered: 0 });
    expect(await call('channels')).toMatchObject({ channels: [] });
    expect(await call('audit')).toMatchObject({ entries: [] });
    expect(stats + metrics).not.toContain('warm-up');
    expect(metrics.match(/^fanfare_\w*limit\w*\{.*\} [1-9]/gm)).toBeNull();
    expect(readdirSync(server.dataFolder).filter((name) => !name.startsWith('fanfare.db'))).toEqual([]);
    expect(readFileSync(`${server.dataFolder}/fanfare.db`, 'latin1')).not.toContain('warm-up');
  });
});
