/**
 * What a page downloads for the client: each entry bundled with all that it needs, minified, gzipped. Fails above the limits.
 * `--modules` tells what costs what: every module of the largest entry, minified by itself.
 */
import { basename, join, relative } from 'node:path';
import { gzipSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { minifySync } from 'rolldown/experimental';
import { workspace } from './build-stamp.mjs';

const KB = 1024;
const dist = join(workspace, 'packages/client/dist');

/** Limits in bytes, gzipped [docs/decisions/0007]. */
const ENTRIES = [
  { name: '@fanfare/client/sse', file: join(dist, 'sse.js'), limit: 9.5 * KB },
  { name: '@fanfare/client', file: join(dist, 'index.js'), limit: 18.5 * KB },
];

const measured = await Promise.all(ENTRIES.map(measure));
table(['entry', 'minified', 'gzipped', 'limit'], measured.map(rowOf));
if (process.argv.includes('--modules')) showModules(measured.at(-1));
const tooBig = measured.filter(({ gzipped, limit }) => gzipped > limit);
for (const { name, gzipped, limit } of tooBig) console.log(`${name} is ${gzipped - limit} bytes over its limit.`);
process.exitCode = tooBig.length > 0 ? 1 : 0;

async function measure({ name, file, limit }) {
  const bundle = await rolldown({ input: file, platform: 'browser' });
  const { output } = await bundle.generate({ format: 'esm', minify: true });
  await bundle.close();
  const code = output.map((chunk) => chunk.code ?? '').join('');
  const modules = output.flatMap((chunk) => Object.entries(chunk.modules ?? {}));
  return { name, limit, minified: code.length, gzipped: gzippedBytes(code), modules };
}

function rowOf({ name, minified, gzipped, limit }) {
  return [name, `${minified}`, `${gzipped}`, `${limit}`];
}

function showModules({ name, modules }) {
  const rows = modules
    .map(([file, { code }]) => ({
      file,
      code: minifySync(basename(file), code ?? '', { mangle: { toplevel: true } }).code,
    }))
    .filter(({ code }) => code !== '')
    .map(({ file, code }) => [relative(workspace, file), code.length, gzippedBytes(code)])
    .sort(([, , one], [, , other]) => other - one);
  console.log('');
  table(
    [`modules of ${name}, each by itself`, 'minified', 'gzipped'],
    rows.map((row) => row.map(String)),
  );
}

function gzippedBytes(code) {
  return gzipSync(code, { level: 9 }).length;
}

/** The first column is words, the others are numbers. */
function table(head, rows) {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '));
  }
}
