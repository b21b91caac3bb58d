/** The page builder, on a small workspace of its own. */
import { spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let workspace;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'fanfare-web-'));
  mkdirSync(join(workspace, 'scripts'));
  for (const name of ['build-stamp.mjs', 'build-web.mjs', 'web-config.mjs'])
    cpSync(join(root, 'scripts', name), join(workspace, 'scripts', name));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  write('systems/hello/web/index.html', '<!doctype html><script type="module" src="./main.js"></script>');
  write('systems/hello/web/main.js', 'document.body.append("first");');
  write('systems/later/server/index.js', '');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function write(path, text) {
  mkdirSync(join(workspace, path, '..'), { recursive: true });
  writeFileSync(join(workspace, path), text);
}

function build(...args) {
  const { status, stdout, stderr } = spawnSync(process.execPath, [join(workspace, 'scripts/build-web.mjs'), ...args]);
  return { status, said: stdout.toString(), stderr: stderr.toString() };
}

function script() {
  const assets = join(workspace, 'systems/hello/dist/web/assets');
  return readdirSync(assets)
    .filter((name) => name.endsWith('.js'))
    .map((name) => readFileSync(join(assets, name), 'utf8'))
    .join();
}

describe('build-web', { timeout: 60_000 }, () => {
  it('builds every page there is, says so, and leaves a system without a page alone', () => {
    const first = build();

    expect(first).toMatchObject({ status: 0, said: expect.stringMatching(/^web: built systems\/hello in \d+ ms\n$/) });
    expect(script()).toContain('first');
    const html = readFileSync(join(workspace, 'systems/hello/dist/web/index.html'), 'utf8');
    expect(html).toMatch(/src="\/web\/hello\/assets\/index-[\w-]+\.js"/);
    expect(existsSync(join(workspace, 'systems/later/dist'))).toBe(false);
  });

  it('does nothing until something changed', () => {
    build();

    expect(build()).toEqual({ status: 0, said: '', stderr: '' });
    write('systems/hello/web/main.js', 'document.body.append("second");');
    expect(build().said).toContain('systems/hello');
    expect(script()).toContain('second');
    expect(build().said).toBe('');
    expect(build('--force').said).toContain('systems/hello');
  });

  it('fails loudly on a page that does not build, and keeps the one before', () => {
    build();
    write('systems/hello/web/main.js', 'const = broken');

    const failed = build();

    expect(failed.status).toBe(1);
    expect(failed.stderr).toContain('main.js');
    expect(script()).toContain('first');
    expect(readdirSync(join(workspace, 'systems/hello/dist')).sort()).toEqual(['web', 'web.stamp']);
    expect(build().status, 'and fails again').toBe(1);
  });
});
