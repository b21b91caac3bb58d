/** Has V8 compile at once what a warm-up has shown it, and not before it has seen all of it: what is compiled on a guess is thrown away. */
import { setFlagsFromString } from 'node:v8';

/** Bytes of bytecode that a function runs before V8 looks at it again: here, and by default (the same on Node 20 to 24). */
const SOON = 2000;
const USUAL = 67_584;
const OURS = /interrupt[-_]budget|no[-_]?opt|turbofan|jitless/;

export interface EagerCompiling {
  /** From now on what runs often is compiled. */
  begin(): void;
  /** As it was. */
  end(): void;
}

/** Until `begin` is called V8 only learns. Nothing is done where whoever started the process has set the same. */
export function compileEagerly(): EagerCompiling {
  if ([...process.execArgv, process.env['NODE_OPTIONS'] ?? ''].some((text) => OURS.test(text))) {
    return { begin: () => {}, end: () => {} };
  }
  setFlagsFromString(`--interrupt-budget=${SOON}`);
  setFlagsFromString('--no-opt');
  return {
    begin: () => setFlagsFromString('--opt'),
    end: () => {
      setFlagsFromString('--opt');
      setFlagsFromString(`--interrupt-budget=${USUAL}`);
    },
  };
}
