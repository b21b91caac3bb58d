/** Has V8 compile what a warm-up shows it after a few calls, where it would wait for hundreds. */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before V8 looks at it again: here, and by default. */
const SOON = 5000;
const USUAL = 67_584;
/** From V8 12 on (Node 22) there is no such number: a tier in between compiles early, and an unknown flag is a line on stderr. */
const HAS_BUDGET = Number.parseInt(process.versions.v8, 10) < 12;
const OURS = /interrupt[-_]budget|no[-_]?opt|turbofan|jitless/;

/**
 * Returns what puts it back. V8 reads this number, and nothing else, each time that a function has used up its budget, so it may change
 * while code runs. Nothing is done where V8 has no such number, or whoever started the process has set the same.
 */
export function compileEagerly(): () => void {
  if (!HAS_BUDGET) return () => {};
  if ([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) => OURS.test(text))) return () => {};
  setFlagsFromString(`--interrupt-budget=${SOON}`);
  return () => setFlagsFromString(`--interrupt-budget=${USUAL}`);
}
