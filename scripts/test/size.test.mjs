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
  mkdirSync(join(workspace, 'packages/client/dist/tabs'), { recursive: true });
  for (const name of ['build-stamp.mjs', 'size.mjs'])
    cpSync(join(root, 'scripts', name), join(workspace, 'scripts', name));
  symlinkSync(join(root, 'node_modules'), join(workspace, 'node_modules'));
  write('sse.js', "export const word = 'small';");
  write('client.js', "export { word as createClient } from './sse.js';");
  write('tabs/worker.js', "console.log('worker');");
  write('fanfare.js', 'var Fanfare = {};');
});
afterEach(() => rmSync(workspace, { recursive: true, force: true }));

function write(name, source) {
  writeFileSync(join(workspace, 'packages/client/dist', name), source);
}

function measure(indexSource) {
  write('index.js', indexSource);
  const { status, stdout } = spawnSync(process.execPath, [join(workspace, 'scripts/size.mjs'), '--modules']);
  return { status, said: stdout.toString() };
}

/** Several times every limit, however it is compressed. */
function noise() {
  return `'${randomBytes(40_000).toString('base64')}'`;
}

describe('size', { timeout: 60_000 }, () => {
  it('says what each entry weighs, and what each module', () => {
    const { status, said } = measure("export { word } from './sse.js';");

    expect(status).toBe(0);
    expect(said).toMatch(/^@fanfare\/client\/sse +\d+ +\d+ +\d+$/m);
    expect(said).toMatch(/^@fanfare\/client, createClient +\d+ +\d+ +\d+$/m);
    expect(said).toMatch(/^@fanfare\/client, all that it exports +\d+ +\d+ +[\d.]+$/m);
    expect(said).toMatch(/^packages\/client\/dist\/sse\.js +\d+ +\d+$/m);
    expect(said).not.toContain('over the limit');
  });

  it('fails above a limit, and says by how much', () => {
    const { status, said } = measure(`export const all = ${noise()};`);

    expect(status).toBe(1);
    expect(said).toMatch(/^@fanfare\/client, all that it exports: [\d.]+ bytes over the limit\.$/m);
    expect(said).not.toMatch(/^@fanfare\/client, createClient: /m);
  });

  it('counts what is loaded later by itself, and fails above its limit, too', () => {
    write('later.js', `export const later = ${noise()};`);

    const { status, said } = measure("export const load = () => import('./later.js');");

    expect(status).toBe(1);
    expect(said).toMatch(/^the part of a tab that leads, .*: [\d.]+ bytes over the limit\.$/m);
    expect(said).not.toMatch(/^@fanfare\/client, all that it exports: /m);
  });

  it('counts the plain script as it was built, and fails above its limit, too', () => {
    write('fanfare.js', `var Fanfare = ${noise()};`);

    const { status, said } = measure("export { word } from './sse.js';");

    expect(status).toBe(1);
    expect(said).toMatch(/^\/live\/fanfare\.js, as a hub serves it: [\d.]+ bytes over the limit\.$/m);
  });

  it('counts what tabs add to the page', () => {
    write('tabs/share-tabs.js', `export const shareTabs = () => ${noise()};`);

    const { said } = measure("export { shareTabs } from './tabs/share-tabs.js';");

    expect(said).toMatch(/^of which tabs: [\d.]+ bytes over the limit\.$/m);
  });
});
