/**
 * Builds the page of every system that has one: systems/X/web -> systems/X/dist/web. `tsc -b` runs first and checks the types.
 * Does nothing for a page whose sources did not change, so that `npm start` and `npm test` begin at once; `--force` builds all.
 */
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const systems = join(workspace, 'systems');

/** What any page may be made of, beside its own system's folder: the packages it bundles, the tools, and how they are set up. */
const SHARED = [
  'packages/protocol/src',
  'packages/client/src',
  'packages/react/src',
  'scripts/build-web.mjs',
  'scripts/web-config.mjs',
  'package-lock.json',
];

await main({ force: process.argv.includes('--force') });

async function main({ force }) {
  for (const name of readdirSync(systems).sort()) {
    const system = join(systems, name);
    if (!existsSync(join(system, 'web', 'index.html'))) continue;
    const stamp = join(system, 'dist', 'web.stamp');
    const sources = hashOf([
      ...SHARED.map((path) => join(workspace, path)),
      join(system, 'web'),
      join(system, 'rules'),
    ]);
    if (!force && isCurrent(system, stamp, sources)) continue;
    const started = performance.now();
    await buildPage(system);
    writeFileSync(stamp, sources);
    console.log(`web: built ${relative(workspace, system)} in ${Math.round(performance.now() - started)} ms`);
  }
}

function isCurrent(system, stamp, sources) {
  return (
    existsSync(join(system, 'dist', 'web', 'index.html')) &&
    existsSync(stamp) &&
    readFileSync(stamp, 'utf8') === sources
  );
}

/** Builds beside the served folder and swaps: a running server, or a second build, never sees half a page. */
async function buildPage(system) {
  // Vite takes half a second to load: not paid when everything is current.
  const [{ build }, { webConfig }] = await Promise.all([import('vite'), import('./web-config.mjs')]);
  const served = join(system, 'dist', 'web');
  const fresh = join(system, 'dist', `web-${process.pid}`);
  const old = join(system, 'dist', `web-old-${process.pid}`);
  try {
    await build(webConfig({ system, outDir: fresh }));
    if (existsSync(served)) await rename(served, old);
    await rename(fresh, served);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
    rmSync(old, { recursive: true, force: true });
  }
}

/** One hash over the paths and bytes of every file under the given paths; generated folders are left out. */
function hashOf(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    for (const file of filesUnder(path)) {
      hash
        .update(`${relative(workspace, file)}\0`)
        .update(readFileSync(file))
        .update('\0');
    }
  }
  return hash.digest('hex');
}

function filesUnder(path) {
  if (!existsSync(path)) return [];
  const entries = listFolder(path);
  if (entries === undefined) return [path];
  return entries
    .filter((entry) => entry.name !== 'dist' && entry.name !== 'node_modules')
    .flatMap((entry) => filesUnder(join(path, entry.name)));
}

/** The entries of a folder in a stable order; undefined for a file. */
function listFolder(path) {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (error) {
    if (error.code === 'ENOTDIR') return undefined;
    throw error;
  }
}
