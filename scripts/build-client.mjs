/**
 * Builds the client as one plain script, packages/client/dist/fanfare.js, and a copy in packages/server/dist/client, from where a
 * hub serves it. `tsc -b` runs first. Does nothing when it is current, so that `npm start` and `npm test` begin at once.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { hashOf, isCurrent, workspace } from './build-stamp.mjs';

const ENTRY = join(workspace, 'packages/client/dist/script.js');
const SCRIPTS = ['packages/client/dist/fanfare.js', 'packages/server/dist/client/fanfare.js'].map((path) =>
  join(workspace, path),
);
const STAMP = join(workspace, 'packages/client/dist/fanfare.stamp');
const MADE_OF = [
  'packages/protocol/src',
  'packages/client/src',
  'packages/client/package.json',
  'scripts/build-stamp.mjs',
  'scripts/build-client.mjs',
  'package-lock.json',
];

const sources = hashOf(MADE_OF);
if (process.argv.includes('--force') || !isCurrent(SCRIPTS, STAMP, sources)) {
  const started = performance.now();
  const code = await bundle();
  for (const script of SCRIPTS) replace(script, code);
  writeFileSync(STAMP, sources);
  console.log(`client: built ${relative(workspace, SCRIPTS[0])} in ${Math.round(performance.now() - started)} ms`);
}

async function bundle() {
  if (!existsSync(ENTRY)) throw new Error(`${relative(workspace, ENTRY)} does not exist: run npm run build.`);
  // Not loaded when everything is current: it takes a while.
  const { rolldown } = await import('rolldown');
  const script = await rolldown({ input: ENTRY, platform: 'browser', transform: { target: 'es2022' } });
  const { output } = await script.generate({ format: 'iife', name: 'Fanfare', exports: 'named', minify: true });
  await script.close();
  if (output.length !== 1) throw new Error(`Expected one script, got ${output.length}.`);
  return output[0].code;
}

/** In one step: a running server, or a second build, never sees half a script. */
function replace(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
