/** Commands of `fanfare`: which one was asked for, and its exit code. */
import { readFileSync } from 'node:fs';
import { CommandFailed } from './arguments.ts';
import { explain } from './explain.ts';
import { serve } from './serve.ts';
import { token } from './token.ts';
import { EXPLAIN_HELP, HELP, SERVE_HELP, TOKEN_HELP } from './usage.ts';

type Command = (argv: readonly string[]) => Promise<number>;

const COMMANDS: ReadonlyMap<string, readonly [run: Command, help: string]> = new Map([
  ['serve', [serve, SERVE_HELP]],
  ['token', [token, TOKEN_HELP]],
  ['explain', [explain, EXPLAIN_HELP]],
]);

/** 0: done, serving, or allowed; 1: it could not, or is denied; 2: no such command. */
export async function runCli(args: readonly string[]): Promise<number> {
  const [command, ...rest] = args;
  const known = COMMANDS.get(command ?? '');
  if (known !== undefined) {
    const [run, help] = known;
    if (!rest.includes('--help') && !rest.includes('-h')) return attempt(run, rest);
    console.log(help);
    return 0;
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

async function attempt(run: Command, argv: readonly string[]): Promise<number> {
  try {
    return await run(argv);
  } catch (error) {
    if (!(error instanceof CommandFailed)) throw error;
    console.error(`fanfare: ${error.message}`);
    return 1;
  }
}

function version(): string {
  const file: unknown = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  return typeof file === 'object' && file !== null && 'version' in file ? String(file.version) : 'unknown';
}
