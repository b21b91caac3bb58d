/** What is asked of Redis in one turn of the event loop leaves in one write, and is answered in the same order. */
import { EngineUnavailable } from '../../core/ports/broker.ts';
import type { RedisClient } from './driver.ts';
import { afterMs, type Link } from './link.ts';
import { loadScripts, SCRIPTS, type ScriptName } from './scripts.ts';

/** One command. Exactly one of `done` and `failed` is called, in the order of the commands as long as Redis answers. */
export interface Command {
  readonly script: ScriptName;
  readonly keys: readonly string[];
  readonly args: readonly string[];
  done(reply: unknown): void;
  failed(error: EngineUnavailable): void;
}

export interface CommandQueueOptions {
  /** For an answer, and for a connection while there is none. */
  readonly timeoutMs: number;
  readonly maxPending: number;
}

/** A write of more would hold the loop and Redis for long. */
const MAX_PER_WRITE = 256;

type Replies = Awaited<ReturnType<ReturnType<RedisClient['pipeline']>['exec']>>;

export class CommandQueue {
  readonly #options: CommandQueueOptions;
  readonly #link: () => Link;
  #waiting: Command[] = [];
  /** Sent, and not answered. */
  #sent = 0;
  #scheduled: NodeJS.Immediate | undefined;
  #patience: NodeJS.Timeout | undefined;
  #onIdle: (() => void) | undefined;
  #closed = false;

  constructor(link: () => Link, options: CommandQueueOptions) {
    this.#link = link;
    this.#options = options;
  }

  /** Takes a command, or fails it at once. */
  add(command: Command): void {
    const pending = this.#waiting.length + this.#sent;
    if (this.#closed) command.failed(new EngineUnavailable('The redis engine is closed.'));
    else if (pending >= this.#options.maxPending) {
      command.failed(new EngineUnavailable(`The redis engine is behind: ${pending} commands wait for their answer.`));
    } else if (this.#link().downForMs >= this.#options.timeoutMs) command.failed(this.#unavailable());
    else {
      this.#waiting.push(command);
      this.#scheduled ??= setImmediate(() => this.flush());
    }
  }

  run(script: ScriptName, keys: readonly string[], args: readonly string[]): Promise<unknown> {
    return new Promise((done, failed) => this.add({ script, keys, args, done, failed }));
  }

  /** Sends what waits; without a connection it waits on, but not longer than the patience. */
  flush(): void {
    clearImmediate(this.#scheduled);
    this.#scheduled = undefined;
    const { client, downForMs } = this.#link();
    if (client === undefined) {
      const left = Math.max(0, this.#options.timeoutMs - downForMs);
      if (this.#waiting.length > 0) this.#patience ??= setTimeout(() => this.#giveUp(), left);
      return;
    }
    clearTimeout(this.#patience);
    this.#patience = undefined;
    while (this.#waiting.length > 0) this.#send(client, this.#waiting.splice(0, MAX_PER_WRITE));
  }

  /** Takes nothing more. Resolves when everything taken has its answer, or will get none. */
  close(): Promise<void> {
    this.#closed = true;
    if (this.#waiting.length > 0) this.flush();
    if (this.#sent + this.#waiting.length === 0) return Promise.resolve();
    return new Promise((resolve) => {
      this.#onIdle = resolve;
    });
  }

  #giveUp(): void {
    this.#patience = undefined;
    const { client, downForMs } = this.#link();
    // Broken anew meanwhile: the time counts from then.
    if (client !== undefined || downForMs < this.#options.timeoutMs) {
      this.flush();
      return;
    }
    for (const command of this.#waiting.splice(0)) command.failed(this.#unavailable());
    this.#settled(0);
  }

  #send(client: RedisClient, commands: readonly Command[]): void {
    const pipeline = client.pipeline();
    for (const { script, keys, args } of commands) {
      pipeline.evalsha(SCRIPTS[script].sha, keys.length, ...keys, ...args);
    }
    this.#sent += commands.length;
    let settled = false;
    const settle = (replies: Replies | undefined, error: unknown): void => {
      if (settled) return;
      settled = true;
      stop();
      this.#settle(client, commands, { replies, error });
      this.#settled(commands.length);
    };
    const stop = afterMs(this.#options.timeoutMs, () => {
      // Dropping it first makes those who ask again wait for a new connection, or be refused.
      this.#link().drop(client, `Redis does not answer within ${this.#options.timeoutMs} ms.`);
      settle(undefined, new Error(`no answer within ${this.#options.timeoutMs} ms`));
    });
    pipeline.exec().then(
      (replies) => settle(replies ?? undefined, undefined),
      (error: unknown) => settle(undefined, error),
    );
  }

  #settle(
    client: RedisClient,
    commands: readonly Command[],
    { replies, error: broken }: { readonly replies: Replies | undefined; readonly error: unknown },
  ): void {
    const unknownScript: Command[] = [];
    commands.forEach((command, index) => {
      const [error, reply] = replies?.[index] ?? [broken ?? new Error('no answer')];
      if (error === null) command.done(reply);
      else if (isReply(error, 'NOSCRIPT')) unknownScript.push(command);
      else {
        if (isReply(error, 'READONLY')) this.#link().drop(client, 'Redis has become a replica.');
        command.failed(refusal(error));
      }
    });
    if (unknownScript.length > 0) this.#reload(client, unknownScript);
  }

  /** Somebody emptied the cache of scripts: these were not run. They go again, behind the scripts and before what came later. */
  #reload(client: RedisClient, commands: readonly Command[]): void {
    loadScripts(client).catch(() => undefined);
    this.#waiting = [...commands, ...this.#waiting];
    this.flush();
  }

  #settled(count: number): void {
    this.#sent -= count;
    if (this.#sent + this.#waiting.length > 0) return;
    this.#onIdle?.();
  }

  #unavailable(): EngineUnavailable {
    return new EngineUnavailable(this.#link().reason ?? 'Redis cannot be used.');
  }
}

/**
 * `unknown`: it may have been stored. What Redis answers with an error was not; what was never written neither. Without a cause:
 * the driver's errors hold the whole command, and so what was published.
 */
function refusal(error: unknown): EngineUnavailable {
  const text = error instanceof Error ? error.message : String(error);
  const wasRefused = isReply(error) || text.includes('enableOfflineQueue');
  return new EngineUnavailable(`Redis has not taken it: ${text}`, { unknown: !wasRefused });
}

/** Did Redis itself answer so? `code`: the first word of its answer. */
function isReply(error: unknown, code = ''): boolean {
  return error instanceof Error && error.name === 'ReplyError' && error.message.startsWith(code);
}
