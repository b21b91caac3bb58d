/** One command proves the tree: format, lint, types, import direction and cycles, the lock, the client's script, package exports and files, size, links in docs. */
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const bin = (name) => join(workspace, 'node_modules', '.bin', name);
const own = (name) => [process.execPath, join(workspace, 'scripts', 'check', name)];

/** In this order: what fails fastest and explains most comes first. */
const steps = [
  ['format and lint', [bin('biome'), 'ci', '.']],
  ['types', [bin('tsc'), '-b']],
  ['import direction and cycles', own('imports.mjs')],
  ['lock file', own('lock.mjs')],
  ['client script', [process.execPath, join(workspace, 'scripts', 'build-client.mjs')]],
  ['package exports', own('exports.mjs')],
  ['files of packages', own('packed.mjs')],
  ['size of the client', [process.execPath, join(workspace, 'scripts', 'size.mjs')]],
  ['links in documents', own('links.mjs')],
];

let failed = 0;
for (const [name, [command, ...args]] of steps) {
  const started = performance.now();
  const result = spawnSync(command, args, { cwd: workspace, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const ok = result.status === 0;
  console.log(`${ok ? 'ok  ' : 'FAIL'}  ${name}  (${Math.round(performance.now() - started)} ms)`);
  if (!ok) {
    failed += 1;
    console.log(`${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`);
  }
}
if (failed > 0) {
  console.log(`${failed} of ${steps.length} checks failed. \`npm run format\` mends what a tool can mend.`);
  process.exitCode = 1;
}
