/** Holds every import of the sources against the rules, and looks for cycles. Prints what is wrong and exits 1. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, posix, relative, sep } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cyclesOf, importsOf, objection } from './import-rules.mjs';

const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const ROOMS = ['packages', 'systems', 'examples'];
const SKIPPED = new Set(['node_modules', 'dist', 'test', 'e2e', 'bin', 'data']);

const files = ROOMS.flatMap((room) => sources(join(workspace, room)));
const graph = new Map();
const problems = [];
for (const file of files) {
  const reached = [];
  for (const specifier of importsOf(readFileSync(join(workspace, file), 'utf8'))) {
    const target = specifier.startsWith('.') ? posix.join(posix.dirname(file), specifier) : undefined;
    if (target !== undefined && !existsSync(join(workspace, target)))
      problems.push(`${file}: ${specifier} is not there`);
    const wrong = objection(file, specifier, target);
    if (wrong !== undefined) problems.push(`${file}: imports ${specifier}; ${wrong}`);
    if (target !== undefined) reached.push(target);
  }
  graph.set(file, reached);
}
for (const cycle of cyclesOf(graph)) problems.push(`cycle: ${cycle.join(' -> ')}`);

for (const problem of problems) console.log(problem);
console.log(`${files.length} files, ${problems.length} problems`);
process.exitCode = problems.length > 0 || files.length === 0 ? 1 : 0;

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return SKIPPED.has(entry.name) ? [] : sources(path);
    return /\.tsx?$/.test(entry.name) ? [relative(workspace, path).split(sep).join('/')] : [];
  });
}
