/** The size gate, on a small workspace of its own. */
import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let workspace;

beforeEach(() => {
  workspace = mkdtempSync(join(tmpdir(), 'fanfare-size-'));
  mkdirSync(join(workspace, 'scripts'));
  mkdirSync(join(workspace, 'packages/client/dist'), { recursive: true });
  for (const name of ['build-stamp.mjs', 'size.mjs'])
    cpSync(join(root, 'scripts', name), join(workspace, 'scripts', name));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  writeFileSync(join(workspace, 'packages/client/dist/sse.js'), "export const word = 'small';");
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function measure(indexSource) {
  writeFileSync(join(workspace, 'packages/client/dist/index.js'), indexSource);
  const { status, stdout } = spawnSync(process.execPath, [join(workspace, 'scripts/size.mjs'), '--modules']);
  return { status, said: stdout.toString() };
}

describe('size', { timeout: 60_000 }, () => {
  it('says what each entry weighs, and what each module', () => {
    const { status, said } = measure("export { word } from './sse.js';");

    expect(status).toBe(0);
    expect(said).toMatch(/^@fanfare\/client\/sse +\d+ +\d+ +\d+$/m);
    expect(said).toMatch(/^@fanfare\/client +\d+ +\d+ +\d+$/m);
    expect(said).toMatch(/^packages\/client\/dist\/sse\.js +\d+ +\d+$/m);
  });

  it('fails above a limit, counting what is loaded later as well, and says by how much', () => {
    const noise = `'${randomBytes(40_000).toString('base64')}'`;
    writeFileSync(join(workspace, 'packages/client/dist/later.js'), `export const later = ${noise};`);

    const { status, said } = measure("export const load = () => import('./later.js');");

    expect(status).toBe(1);
    expect(said).toMatch(/^@fanfare\/client is \d+ bytes over its limit\.$/m);
  });
});
