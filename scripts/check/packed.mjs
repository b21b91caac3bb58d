/** Whoever installs a published package gets its licence, the sources that its maps point to, and nothing that only a build here needs. */
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const LEFTOVER = /\.(tsbuildinfo|stamp)$|^dist\/\w+-types\//;

/** What is wrong with the files of a package. `read` gives the text of one. */
export function packedProblems(files, read) {
  const packed = new Set(files);
  const problems = packed.has('LICENSE') ? [] : ['LICENSE is missing'];
  for (const file of files) {
    if (LEFTOVER.test(file)) problems.push(`${file}: of use to a build only`);
    if (!file.endsWith('.map')) continue;
    const { sources = [], sourceRoot = '', sourcesContent } = JSON.parse(read(file));
    const lost = sources.find((source) => !packed.has(posix.join(posix.dirname(file), sourceRoot, source)));
    if (sourcesContent === undefined && lost !== undefined) problems.push(`${file}: its source ${lost} is missing`);
  }
  return problems;
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const published = readdirSync(join(workspace, 'packages'))
    .map((name) => join(workspace, 'packages', name))
    .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter((manifest) => manifest.private !== true);
  const args = [
    'pack',
    '--dry-run',
    '--json',
    '--ignore-scripts',
    ...published.map(({ name }) => `--workspace=${name}`),
  ];
  const { stdout } = spawnSync('npm', args, { cwd: workspace, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  const packs = JSON.parse(stdout);
  for (const { name, folder } of published) {
    const files = packs.find((pack) => pack.name === name).files.map(({ path }) => path);
    for (const problem of packedProblems(files, (file) => readFileSync(join(folder, file), 'utf8'))) {
      console.log(`${name}: ${problem}`);
      process.exitCode = 1;
    }
  }
}
