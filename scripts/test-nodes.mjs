/**
 * Runs every suite on other versions of Node than yours: `npm run test:nodes`, or `npm run test:nodes -- 22`; what is no number
 * is for Vitest, so `npm run test:nodes -- 22 packages/client` runs some. The npm package `node` brings each version; they are
 * installed into the system's folder for temporary files, never into the workspace.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const workspace = dirname(dirname(fileURLToPath(import.meta.url)));
const asked = process.argv.slice(2);
const isVersion = (text) => /^\d+(\.\d+)*$/.test(text);
const named = asked.filter(isVersion);
const versions = named.length > 0 ? named : ['22', '24'];
const suites = asked.filter((text) => !isVersion(text));

for (const version of versions) {
  const node = installed(version);
  console.log(`\nNode ${run(node, ['--version']).stdout.trim()}`);
  // Children that a suite starts by name find this version too.
  const env = { ...process.env, PATH: `${dirname(node)}${delimiter}${process.env.PATH}` };
  const vitest = join(workspace, 'node_modules', 'vitest', 'vitest.mjs');
  const { status } = spawnSync(node, [vitest, 'run', ...suites], { cwd: workspace, env, stdio: 'inherit' });
  if (status !== 0) process.exit(status ?? 1);
}

/** Path of that version's executable. */
function installed(version) {
  const folder = join(tmpdir(), `fanfare-node-${version}`);
  const node = join(folder, 'node_modules', 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');
  if (existsSync(node)) return node;
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'package.json'), '{ "private": true }\n');
  const install = run('npm', ['install', '--no-save', '--foreground-scripts', `node@${version}`], { cwd: folder });
  if (!existsSync(node)) {
    console.error(`node@${version} could not be installed:\n${install.stdout}${install.stderr}`);
    process.exit(1);
  }
  return node;
}

function run(command, args, options = {}) {
  return spawnSync(command, args, { encoding: 'utf8', ...options });
}
