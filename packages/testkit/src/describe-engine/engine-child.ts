/** An engine in a process of its own, to be killed: the program of the child, and the parent's hand on it. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Engine } from 'fanfare/internal';
import { endsWithUs } from '../ends-with-us.ts';
import { note } from './fixture.ts';

/** `burst`: appends as fast as it can until it is killed. `die-after-store`: is killed between the commit and the ack. */
export type ChildTask = 'burst' | 'die-after-store';

/** One acked append, as the child saw it. */
export interface ChildAck {
  readonly channel: string;
  readonly value: number;
  readonly epoch: string;
  readonly offset: number;
}

export const CHILD_CHANNELS: readonly string[] = ['burst:1', 'burst:2', 'burst:3'];
const IN_FLIGHT = 50;

/** What the module behind `child` calls with its engine; the arguments are [place, task, first value]. */
export async function runEngineChild(open: (place: string) => Engine | Promise<Engine>): Promise<void> {
  const [place = '', task = 'burst', first = '0'] = process.argv.slice(2);
  const engine = await open(place);
  if (task === 'burst')
    await Promise.all(Array.from({ length: IN_FLIGHT }, (_, lane) => burst(engine, Number(first) + lane)));
  else await dieAfterStore(engine, Number(first));
}

/** Starts the child. Its output is a file: a pipe would refuse writes when the parent is slow to read. */
export class EngineChild {
  readonly #process: ChildProcess;
  readonly #exited: Promise<unknown>;
  readonly #output: string;

  constructor(child: URL, args: { readonly place: string; readonly task: ChildTask; readonly first: number }) {
    this.#output = join(args.place, `acks-${args.first}`);
    const output = openSync(this.#output, 'w');
    this.#process = endsWithUs(
      spawn(process.execPath, [fileURLToPath(child), args.place, args.task, String(args.first)], {
        stdio: ['ignore', output, 'inherit'],
      }),
    );
    closeSync(output);
    this.#exited = once(this.#process, 'close');
  }

  /** What it acked so far. */
  acks(): ChildAck[] {
    const lines = readFileSync(this.#output, 'utf8').split('\n');
    return lines.slice(0, -1).map(parseAck);
  }

  /** Undefined while it runs. */
  get exitCode(): number | NodeJS.Signals | undefined {
    return this.#process.exitCode ?? this.#process.signalCode ?? undefined;
  }

  async ended(): Promise<void> {
    await this.#exited;
  }

  /** Ends it as a crash would. */
  async kill(): Promise<void> {
    this.#process.kill('SIGKILL');
    await this.#exited;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.exitCode === undefined) await this.kill();
  }
}

async function burst(engine: Engine, first: number): Promise<void> {
  for (let value = first; ; value += IN_FLIGHT) {
    const channel = CHILD_CHANNELS[value % CHILD_CHANNELS.length] ?? '';
    const { position } = await engine.broker.append(note(channel, value, { idempotencyKey: `v${value}` }));
    acknowledge({ channel, value, ...position });
  }
}

/** Followers hear of an event after it is stored and before its publisher's promise can be awaited. */
async function dieAfterStore(engine: Engine, value: number): Promise<void> {
  const channel = CHILD_CHANNELS[0] ?? '';
  engine.broker.follow(channel, () => process.kill(process.pid, 'SIGKILL'));
  const { position } = await engine.broker.append(note(channel, value, { idempotencyKey: `v${value}` }));
  acknowledge({ channel, value, ...position });
}

/** Written at once: what the file lacks was never acked. */
function acknowledge(ack: ChildAck): void {
  writeSync(1, `${JSON.stringify(ack)}\n`);
}

function parseAck(line: string): ChildAck {
  return JSON.parse(line) as ChildAck;
}
