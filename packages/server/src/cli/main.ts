/** The process behind `fanfare`: its arguments, its exit code, and what happens to a fault that nobody caught. */
import { runCli } from './run-cli.ts';

process.exitCode = await runCli(process.argv.slice(2));
