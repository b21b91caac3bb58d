/** The shell loops of docs/reference/http-api.md, as they stand there, against a real server. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { startLive } from './live-fixture.ts';
import { untilWaiting } from './poll-fixture.ts';

const page = await readFile(new URL('../../../../docs/reference/http-api.md', import.meta.url), 'utf8');
const [everyEvent = '', newestValue = ''] = [...page.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map((match) => match[1]);
const hasCurl = (() => {
  try {
    execFileSync('curl', ['--version']);
    return true;
  } catch {
    return false;
  }
})();

/** Runs a script until it is disposed of; `output`: what it has printed. */
class Script {
  output = '';
  readonly #child: ChildProcess;
  readonly #folder: string;

  constructor(script: string, folder: string) {
    this.#folder = folder;
    // A group of its own, so that the curl of the loop ends with it.
    this.#child = spawn('sh', ['-c', script], { cwd: folder, detached: true, stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child.stdout?.on('data', (chunk: Buffer) => {
      this.output += chunk.toString();
    });
  }

  static async start(script: string): Promise<Script> {
    return new Script(script, await mkdtemp(join(tmpdir(), 'fanfare-poll-')));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const exited = once(this.#child, 'exit');
    if (this.#child.pid !== undefined) process.kill(-this.#child.pid, 'SIGKILL');
    await exited;
    await rm(this.#folder, { recursive: true, force: true });
  }
}

describe.runIf(hasCurl)('a newcomer with curl', () => {
  it('prints every event of a log once, in order, by the loop of the page', async () => {
    await using running = await startLive();
    await using loop = await Script.start(everyEvent.replaceAll('localhost:3001', `127.0.0.1:${running.port}`));
    await untilWaiting(running.live);

    for (let n = 0; n < 30; n += 1) {
      const data = { n, text: '"cursor":"trap"' };
      await running.live.api.publish({ channel: 'public:hello', event: 'greeting', data });
      // Some come together, some while the loop is between two polls.
      if (n % 7 === 0) await untilWaiting(running.live);
    }
    const seen = () => [...loop.output.matchAll(/"n":(\d+)/g)].map((match) => Number(match[1]));
    await expect.poll(() => seen().length, { timeout: 15_000 }).toBeGreaterThanOrEqual(30);

    expect(seen()).toEqual(Array.from({ length: 30 }, (_, n) => n));
  });

  it('prints the value of a state whenever it has changed, by the loop of the page', async () => {
    await using running = await startLive();
    const set = (data: string) => running.live.api.set({ channel: 'public-state:score', data });
    await set('first');
    await using loop = await Script.start(newestValue.replaceAll('localhost:3001', `127.0.0.1:${running.port}`));

    await expect.poll(() => loop.output, { timeout: 10_000 }).toContain('first');
    await untilWaiting(running.live);
    await set('second');
    await expect.poll(() => loop.output, { timeout: 10_000 }).toContain('second');
    await untilWaiting(running.live);

    expect(loop.output.match(/first|second/g)).toEqual(['first', 'second']);
  });
});
