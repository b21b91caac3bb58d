/** The builder of the client's scripts, on a small workspace of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SERVED = 'packages/server/dist/client';
const FOLDERS = ['packages/client/dist', SERVED];
const NAMES = ['fanfare-leader.mjs', 'fanfare-worker.js', 'fanfare.js', 'fanfare.mjs'];
let workspace;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'fanfare-client-'));
  mkdirSync(join(workspace, 'scripts'));
  for (const name of ['build-stamp.mjs', 'build-client.mjs'])
    cpSync(join(root, 'scripts', name), join(workspace, 'scripts', name));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  change('first');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

/** The source changes, and with it what `tsc` makes of it. */
function change(word) {
  write('packages/client/src/script.ts', `export const word = '${word}';`);
  write('packages/client/dist/script.js', `export const word = '${word}', lead = () => import('./tabs/leader.js');`);
  write('packages/client/dist/tabs/leader.js', `export const word = '${word}, leading';`);
  write('packages/client/dist/tabs/worker.js', `globalThis.word = '${word}, working';`);
}

function write(path, text) {
  mkdirSync(join(workspace, path, '..'), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function build(...args) {
  const program = join(workspace, 'scripts/build-client.mjs');
  const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args]);
  return { status, said: stdout.toString(), stderr: stderr.toString() };
}

function script(folder, name) {
  return join(workspace, folder, name);
}

/** What each plain script sets in a page. */
function words() {
  return FOLDERS.map((folder) => {
    const page = {};
    runInNewContext(readFileSync(script(folder, 'fanfare.js'), 'utf8'), page);
    return page.Fanfare.word;
  });
}

describe('build-client', { timeout: 60_000 }, () => {
  it('makes a script that sets Fanfare, for the package and for the server, and says so', () => {
    const { status, said } = build();

    expect(status).toBe(0);
    expect(said).toMatch(/^client: built 4 scripts in \d+ ms\n$/);
    expect(words()).toEqual(['first', 'first']);
  });

  it('makes a module, which loads the part that leads from beside it, and a worker of one piece', async () => {
    build();

    for (const folder of FOLDERS) {
      const { word, lead } = await import(script(folder, 'fanfare.mjs'));
      expect([word, (await lead()).word]).toEqual(['first', 'first, leading']);
      const worker = {};
      runInNewContext(readFileSync(script(folder, 'fanfare-worker.js'), 'utf8'), worker);
      expect(worker.word).toBe('first, working');
    }
  });

  it('does nothing until something changed, or a script is gone', () => {
    build();

    expect(build()).toEqual({ status: 0, said: '', stderr: '' });
    change('second');
    expect(build().said).toContain('built');
    expect(words()).toEqual(['second', 'second']);
    for (const name of NAMES) {
      rmSync(script(SERVED, name));
      build();
      expect(readdirSync(join(workspace, SERVED)).sort()).toEqual(NAMES);
    }
    expect(words()).toEqual(['second', 'second']);
    expect(build('--force').said).toContain('built');
  });

  it('fails loudly where there is nothing to build from, or it does not build, and keeps what there was', () => {
    build();
    write('packages/client/dist/script.js', 'export const = broken');

    const broken = build('--force');
    rmSync(join(workspace, 'packages/client/dist/script.js'));
    const missing = build('--force');

    expect([broken.status, missing.status]).toEqual([1, 1]);
    expect(missing.stderr).toContain('npm run build');
    expect(words()).toEqual(['first', 'first']);
    expect(readdirSync(join(workspace, SERVED)).sort()).toEqual(NAMES);
  });
});
