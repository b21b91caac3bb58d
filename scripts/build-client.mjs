/**
 * Builds the client as scripts for pages that have no bundler, into packages/client/dist, and copies in packages/server/dist/client,
 * from where a hub serves them. `tsc -b` runs first. Does nothing when they are current, so that `npm start` and `npm test` begin at once.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { hashOf, isCurrent, workspace } from './build-stamp.mjs';

const CLIENT = join(workspace, 'packages/client/dist');
const FOLDERS = [CLIENT, join(workspace, 'packages/server/dist/client')];
const LEADER = 'fanfare-leader.mjs';
/** What each is made of, and how. `iife`: the format of scripts that are no modules. */
const SCRIPTS = [
  { name: 'fanfare.js', entry: 'script.js', as: { format: 'iife', name: 'Fanfare', exports: 'named' } },
  { name: 'fanfare.mjs', entry: 'script.js', as: { format: 'esm' } },
  { name: 'fanfare-worker.js', entry: 'tabs/worker.js', as: { format: 'iife' } },
  { name: LEADER, entry: 'tabs/leader.js', as: { format: 'esm' } },
];
const STAMP = join(CLIENT, 'fanfare.stamp');
const MADE_OF = [
  'packages/protocol/src',
  'packages/client/src',
  'packages/client/package.json',
  'scripts/build-stamp.mjs',
  'scripts/build-client.mjs',
  'package-lock.json',
];

/** Both clients load the same part when they need it, from beside them. It has no code in common with them that they could share. */
const leaderElsewhere = {
  name: 'leader-elsewhere',
  resolveId: (source, _importer, { kind }) =>
    kind === 'dynamic-import' && source.endsWith('/leader.js') ? { id: `./${LEADER}`, external: true } : undefined,
};

const sources = hashOf(MADE_OF);
const files = FOLDERS.flatMap((folder) => SCRIPTS.map(({ name }) => join(folder, name)));
if (process.argv.includes('--force') || !isCurrent(files, STAMP, sources)) {
  const started = performance.now();
  const codes = await Promise.all(SCRIPTS.map(bundle));
  for (const folder of FOLDERS) for (const [at, { name }] of SCRIPTS.entries()) replace(join(folder, name), codes[at]);
  writeFileSync(STAMP, sources);
  console.log(`client: built ${SCRIPTS.length} scripts in ${Math.round(performance.now() - started)} ms`);
}

async function bundle({ name, entry, as }) {
  const input = join(CLIENT, entry);
  if (!existsSync(input)) throw new Error(`packages/client/dist/${entry} does not exist: run npm run build.`);
  // Not loaded when everything is current: it takes a while.
  const { rolldown } = await import('rolldown');
  const script = await rolldown({
    input,
    platform: 'browser',
    plugins: [leaderElsewhere],
    transform: { target: 'es2022' },
  });
  const { output } = await script.generate({ ...as, minify: true, comments: false });
  await script.close();
  if (output.length !== 1) throw new Error(`${name}: expected one script, got ${output.length}.`);
  return output[0].code;
}

/** In one step: a running server, or a second build, never sees half a script. */
function replace(file, text) {
  mkdirSync(dirname(file), { recursive: true });
  const fresh = `${file}.${process.pid}`;
  writeFileSync(fresh, text);
  renameSync(fresh, file);
}
