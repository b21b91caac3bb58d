/**
 * Builds the page of every system that has one: systems/X/web -> systems/X/dist/web. `tsc -b` runs first and checks the types.
 * Does nothing for a page whose sources did not change, so that `npm start` and `npm test` begin at once; `--force` builds all.
 */
import { existsSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { hashOf, isCurrent, workspace } from './build-stamp.mjs';

const systems = join(workspace, 'systems');

/** What any page may be made of, beside its own system's folder: the packages it bundles, the tools, and how they are set up. */
const SHARED = [
  'packages/protocol/src',
  'packages/client/src',
  'packages/react/src',
  'systems/edge/web',
  'scripts/build-stamp.mjs',
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
    const sources = hashOf([...SHARED, `systems/${name}/web`, `systems/${name}/rules`]);
    if (!force && isCurrent([join(system, 'dist', 'web', 'index.html')], stamp, sources)) continue;
    const started = performance.now();
    await buildPage(system);
    writeFileSync(stamp, sources);
    console.log(`web: built ${relative(workspace, system)} in ${Math.round(performance.now() - started)} ms`);
  }
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
