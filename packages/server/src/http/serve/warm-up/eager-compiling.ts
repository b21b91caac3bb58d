/** Has V8 compile what a warm-up shows it after a few calls, where it would wait for hundreds. */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before V8 looks at it again: here, and by default (the same on Node 20 to 24). */
const SOON = 5000;
const USUAL = 67_584;
const OURS = /interrupt[-_]budget|no[-_]?opt|turbofan|jitless/;

/**
 * Returns what puts it back. V8 reads this number, and nothing else, each time that a function has used up its budget, so it may change
 * while code runs. Nothing is done where whoever started the process has set the same.
 */
export function compileEagerly(): () => void {
  if ([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) => OURS.test(text))) return () => {};
  setFlagsFromString(`--interrupt-budget=${SOON}`);
  return () => setFlagsFromString(`--interrupt-budget=${USUAL}`);
}
