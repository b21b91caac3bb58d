/** A crowd of clients in processes of their own: what they are told to do, and what they tell. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { type Handed, processorWaitMs } from '@fanfare/testkit';

export interface CrowdOptions {
  readonly url: string;
  readonly clients: number;
  readonly channels: number;
  readonly processes: number;
}

/** Moments: wall clock of this machine, milliseconds. */
export interface Return {
  /** How long it meant to wait, when it had just lost its server. */
  readonly firstWaitMs: number;
  /** When it meant to come by the attempt that got through. */
  readonly plannedAt: number;
  readonly backAt: number;
  readonly recoveredAt: number;
}

export interface MemberRecord {
  readonly channel: string;
  readonly handed: readonly Handed[];
}

const SCRIPT = fileURLToPath(new URL('storm-clients.mjs', import.meta.url));

export class Crowd {
  readonly #children: readonly ChildProcess[];

  constructor({ url, clients, channels, processes }: CrowdOptions) {
    const env = {
      ...process.env,
      STORM_URL: url,
      STORM_CLIENTS: String(clients / processes),
      STORM_CHANNELS: String(channels),
    };
    this.#children = Array.from({ length: processes }, () => fork(SCRIPT, { env, execArgv: [] }));
  }

  /** The longest that one of its processes ever stood in line for a processor, milliseconds. */
  get waitedMs(): number {
    return Math.max(...this.#children.map(({ pid }) => processorWaitMs(pid)));
  }

  /** Every client listens and is subscribed. */
  async connect(): Promise<void> {
    await this.#all('connect');
  }

  /** From now on it is noted when each was back, and when it was handed this payload. */
  async watch(payload: string): Promise<void> {
    await this.#all('watch', payload);
  }

  /** Every client is back and was handed what is watched for. */
  async recovered(): Promise<readonly Return[]> {
    return (await this.#all<readonly Return[]>('recovered')).flat();
  }

  /** Every client was handed what was marked as the end of its channel; `last`: payloads by channel. */
  async ended(last: Readonly<Record<string, string>>): Promise<void> {
    await this.#all('ended', last);
  }

  async record(): Promise<readonly MemberRecord[]> {
    return (await this.#all<readonly MemberRecord[]>('record')).flat();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const child of this.#children) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      const exited = once(child, 'exit');
      child.kill('SIGKILL');
      await exited;
    }
  }

  #all<Answer>(task: string, argument?: unknown): Promise<readonly Answer[]> {
    return Promise.all(this.#children.map((child) => ask<Answer>(child, { task, argument })));
  }
}

async function ask<Answer>(child: ChildProcess, question: { readonly task: string; readonly argument: unknown }) {
  const answered = once(child, 'message');
  const died = once(child, 'exit').then(() => Promise.reject(new Error(`The crowd died during ${question.task}.`)));
  died.catch(() => undefined);
  child.send(question);
  const [message] = await Promise.race([answered, died]);
  return answerOf<Answer>(message);
}

/** What our own script sent. */
function answerOf<Answer>(message: unknown): Answer {
  return (message as { readonly answer: Answer }).answer;
}
