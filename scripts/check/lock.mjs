/** The lock must be whole and free of addresses: an optional package missing from it makes `npm ci` fail elsewhere. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

/** What is wrong with a parsed package-lock. */
export function problemsOf(lock) {
  const problems = [];
  const packages = lock.packages ?? {};
  for (const [path, entry] of Object.entries(packages)) {
    if (typeof entry.resolved === 'string' && /^https?:/.test(entry.resolved))
      problems.push(`${path}: holds an address`);
    for (const name of Object.keys(entry.optionalDependencies ?? {})) {
      if (!isLocked(packages, path, name))
        problems.push(`${path || 'the workspace'}: optional ${name} is not in the lock`);
    }
  }
  return problems;
}

/** As Node resolves: in the package's own node_modules, or in that of any folder above. */
function isLocked(packages, from, name) {
  for (let at = from; ; at = at.slice(0, Math.max(0, at.lastIndexOf('node_modules/') - 1))) {
    const prefix = at === '' ? '' : `${at}/`;
    if (`${prefix}node_modules/${name}` in packages) return true;
    if (at === '' || !at.includes('node_modules/')) return at !== '' && `node_modules/${name}` in packages;
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
  const problems = problemsOf(JSON.parse(readFileSync(join(workspace, 'package-lock.json'), 'utf8')));
  for (const problem of problems) console.log(problem);
  process.exitCode = problems.length > 0 ? 1 : 0;
}
