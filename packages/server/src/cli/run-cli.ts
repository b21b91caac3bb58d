/** Commands of `fanfare`: which one was asked for, and its exit code. */
import { readFileSync } from 'node:fs';
import { serve } from './serve.ts';
import { HELP, SERVE_HELP } from './usage.ts';

/** 0: done, or serving; 1: it could not start or the configuration is not valid; 2: no such command. */
export async function runCli(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  if (command === 'serve') {
    if (rest.includes('--help') || rest.includes('-h')) {
      console.log(SERVE_HELP);
      return 0;
    }
    return serve(rest);
  }
  if (command === undefined || command === '--help' || command === '-h' || command === 'help') {
    console.log(HELP);
    return 0;
  }
  if (command === '--version' || command === '-v') {
    console.log(version());
    return 0;
  }
  console.error(`fanfare: there is no command ${JSON.stringify(command)}; fanfare --help lists them`);
  return 2;
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown';
}
