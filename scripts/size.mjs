/**
 * What a page downloads for the client, minified and gzipped: each entry with all that it loads at first, the parts that tabs have
 * beside it, what tabs add to the page, and the plain script that hubs serve, as it was built. Fails above the limits. `--modules`
 * tells what costs what: every module of the largest entry, minified by itself.
 *
 * Counted is what pako makes of it, zlib in JavaScript, of the version in the lock: that of Node depends on how Node was built, and
 * the one of a distribution makes 20 bytes more of the same script.
 */
import { readFileSync } from 'node:fs';
import { basename, join, relative } from 'node:path';
import { gzip } from 'pako';
import { rolldown } from 'rolldown';
import { minifySync } from 'rolldown/experimental';
import { workspace } from './build-stamp.mjs';

const KB = 1024;
const dist = join(workspace, 'packages/client/dist');

/** In bytes, gzipped [docs/decisions/0007]. */
const LIMITS = {
  sse: 6 * KB,
  client: 12 * KB,
  page: 12.15 * KB,
  tabs: 1.55 * KB,
  leader: 3.6 * KB,
  worker: 10 * KB,
  script: 12.15 * KB,
};

const sse = await bundle('sse.js');
const client = await bundle('index.js');
// What an application downloads that makes a client: bundlers leave out what it does not import.
const creating = await bundle('client.js');
const alone = await bundle('index.js', [withoutTabs()]);
const worker = await bundle('tabs/worker.js');
const script = costOf([{ code: readFileSync(join(dist, 'fanfare.js'), 'utf8') }]);
const rows = [
  row('@fanfare/client/sse', sse.first, LIMITS.sse),
  row('@fanfare/client, createClient', creating.first, LIMITS.client),
  row('@fanfare/client, all that it exports', client.first, LIMITS.page),
  row('  of which tabs', lessThan(client.first, alone.first), LIMITS.tabs),
  row('  the part of a tab that leads, loaded where there is no worker', client.later, LIMITS.leader),
  row('  the script of the worker', worker.first, LIMITS.worker),
  row('/live/fanfare.js, as a hub serves it', script, LIMITS.script),
];

table(['what a page downloads', 'minified', 'gzipped', 'limit'], rows.map(cellsOf));
if (process.argv.includes('--modules')) showModules('@fanfare/client', client.modules);
const tooBig = rows.filter(({ gzipped, limit }) => gzipped > limit);
for (const { name, gzipped, limit } of tooBig) console.log(`${name.trim()}: ${gzipped - limit} bytes over the limit.`);
process.exitCode = tooBig.length > 0 ? 1 : 0;

/** `first`: what the entry and all that it imports cost; `later`: what it imports when it needs it. */
async function bundle(entry, plugins = []) {
  const built = await rolldown({
    input: join(dist, entry),
    platform: 'browser',
    // As in an application, whose own entry is another: what both parts need is in the one that comes first.
    preserveEntrySignatures: 'allow-extension',
    plugins,
  });
  const { output } = await built.generate({ format: 'esm', minify: true, comments: false });
  await built.close();
  const first = new Set(output.filter(({ isEntry }) => isEntry).map(({ fileName }) => fileName));
  for (const name of first) for (const other of chunkOf(name, output).imports) first.add(other);
  return {
    first: costOf(output.filter(({ fileName }) => first.has(fileName))),
    later: costOf(output.filter(({ fileName }) => !first.has(fileName))),
    modules: output.flatMap((chunk) => Object.entries(chunk.modules ?? {})),
  };
}

function chunkOf(name, output) {
  const chunk = output.find(({ fileName }) => fileName === name);
  if (chunk === undefined) throw new Error(`${name} is not a part of the bundle.`);
  return chunk;
}

/** Every file is compressed by itself. */
function costOf(chunks) {
  const sum = (sizes) => sizes.reduce((total, size) => total + size, 0);
  const codes = chunks.map(({ code }) => code);
  return { minified: sum(codes.map((code) => code.length)), gzipped: sum(codes.map(gzippedBytes)) };
}

function lessThan(whole, rest) {
  return { minified: whole.minified - rest.minified, gzipped: whole.gzipped - rest.gzipped };
}

/** The same client with a connection of its own. */
function withoutTabs() {
  const none = join(dist, 'tabs/share-tabs.js');
  return {
    name: 'without-tabs',
    load: (id) => (id === none ? 'export const shareTabs = () => undefined;' : undefined),
  };
}

function row(name, cost, limit) {
  return { name, ...cost, limit };
}

function cellsOf({ name, minified, gzipped, limit }) {
  return [name, `${minified}`, `${gzipped}`, `${limit}`];
}

function showModules(name, modules) {
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
  return gzip(code, { level: 9 }).length;
}

/** The first column is words, the others are numbers. */
function table(head, rows) {
  const widths = head.map((title, at) => Math.max(title.length, ...rows.map((row) => row[at].length)));
  for (const row of [head, ...rows]) {
    console.log(row.map((cell, at) => (at === 0 ? cell.padEnd(widths[at]) : cell.padStart(widths[at]))).join('  '));
  }
}
