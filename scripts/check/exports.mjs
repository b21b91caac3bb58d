/** Every path that a package exports exists after a build, and publint has nothing to say against the published ones. */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { publint } from 'publint';
import { formatMessage } from 'publint/utils';

const workspace = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
let problems = 0;
for (const room of ['packages', 'systems']) {
  for (const name of readdirSync(join(workspace, room))) {
    const folder = join(workspace, room, name);
    if (!existsSync(join(folder, 'package.json'))) continue;
    const manifest = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    for (const path of pathsIn([manifest.exports, manifest.bin])) {
      if (!existsSync(join(folder, path))) report(`${manifest.name}: ${path} does not exist; run npm run build`);
    }
    if (manifest.private !== true) await lint(folder, manifest);
  }
}
process.exitCode = problems > 0 ? 1 : 0;

async function lint(folder, manifest) {
  const { messages } = await publint({ pkgDir: folder, level: 'warning', strict: true, pack: false });
  for (const message of messages) report(`${manifest.name}: ${formatMessage(message, manifest)}`);
}

function pathsIn(value) {
  if (typeof value === 'string') return [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(pathsIn) : [];
}

function report(problem) {
  problems += 1;
  console.log(problem);
}
