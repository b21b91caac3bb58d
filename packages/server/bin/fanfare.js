#!/usr/bin/env node
import { existsSync } from 'node:fs';

const main = new URL('../dist/cli/main.js', import.meta.url);
if (existsSync(main)) await import(main.href);
else {
  process.stderr.write('fanfare: this clone is not built: run npm ci && npm run build in it\n');
  process.exitCode = 1;
}
