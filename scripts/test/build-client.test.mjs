/** The builder of the plain script, on a small workspace of its own. */
import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runInNewContext } from 'node:vm';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
const SCRIPTS = ['packages/client/dist/fanfare.js', 'packages/server/dist/client/fanfare.js'];
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
  write('packages/client/dist/script.js', `export const word = '${word}';`);
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

/** What each script sets in a page. */
function words() {
  return SCRIPTS.map((path) => {
    const page = {};
    runInNewContext(readFileSync(join(workspace, path), 'utf8'), page);
    return page.Fanfare.word;
  });
}

describe('build-client', { timeout: 60_000 }, () => {
  it('makes one script that sets Fanfare, for the package and for the server, and says so', () => {
    const { status, said } = build();

    expect(status).toBe(0);
    expect(said).toMatch(/^client: built packages\/client\/dist\/fanfare\.js in \d+ ms\n$/);
    expect(words()).toEqual(['first', 'first']);
  });

  it('does nothing until something changed, or a script is gone', () => {
    build();

    expect(build()).toEqual({ status: 0, said: '', stderr: '' });
    change('second');
    expect(build().said).toContain('built');
    expect(words()).toEqual(['second', 'second']);
    rmSync(join(workspace, SCRIPTS[1]));
    build();
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
    expect(readdirSync(join(workspace, 'packages/server/dist/client'))).toEqual(['fanfare.js']);
  });
});
