/**
 * Moves the log of SQLite into the file beside the commits, in a thread of its own. Where SQLite does it within a commit, the event
 * loop stands still for as long as some thousand pages take to be written, and the disk to have them.
 *
 *     idle -- the log has grown --> beside (twice) --> last (commits wait in their queue) --> idle
 *
 * A log begins anew only once all of it has been moved and nothing was written meanwhile. So the bulk is moved beside the commits, then what
 * they wrote during that, and for the little that is left at last they wait. The event loop never does.
 */
import { statSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import type { CheckpointAnswer, CheckpointOrder } from './checkpoint-thread.ts';

export interface CheckpointerOptions {
  /** The database file. */
  readonly path: string;
  /** Until `onResume` nothing more is committed by the queue. */
  readonly onPause: () => void;
  readonly onResume: () => void;
  /** There is no thread, and there will be none: SQLite has to do it within commits. */
  readonly onBroken: () => void;
}

/** How long the log may grow: the longer, the more of its pages are moved once for many commits that wrote them. */
const LOG_PAGES = 4000;
const LOG_BYTES = LOG_PAGES * 4096;
/** A log file that grows by this is longer than it was, whatever was learnt of commits. */
const GROWN_BYTES = LOG_BYTES / 4;
/** Its file may grow by so much while it is moved: where the thread gets little of the machine, commits wait for it sooner. */
const MOST_MEANWHILE_BYTES = LOG_BYTES;
/** The size of the log is looked at after so many commits. */
const LOOK_EVERY = 16;

export class Checkpointer {
  readonly #options: CheckpointerOptions;
  #worker: Worker | undefined;
  #state: 'idle' | 'beside' | 'again' | 'last' | 'ended' = 'idle';
  #commits = 0;
  /** The same while it is moved, and its size when that began. */
  #meanwhile = 0;
  #sizeAtMove = 0;
  #isPaused = false;
  /** The file keeps its size when the log begins anew, so that it is told by commits how long the log is. */
  #sizeBefore = LOG_BYTES - GROWN_BYTES;
  /** Commits that make a log of LOG_PAGES; learnt from the log before. */
  #dueAfter = Number.POSITIVE_INFINITY;
  /** All that is in the log is of `#commits`. */
  #isNew = true;
  #gone: Promise<void> = Promise.resolve();

  constructor(options: CheckpointerOptions) {
    this.#options = options;
  }

  /** To be called after every commit. */
  committed(): void {
    if (this.#state !== 'idle') {
      this.#committedMeanwhile();
      return;
    }
    this.#commits += 1;
    if (this.#commits % LOOK_EVERY !== 0) return;
    const size = this.#size();
    if (this.#commits >= this.#dueAfter || size - this.#sizeBefore >= GROWN_BYTES) this.#move('beside');
    // It was cut to its limit.
    else if (size < this.#sizeBefore) this.#sizeBefore = Math.max(size, LOG_BYTES - GROWN_BYTES);
  }

  #committedMeanwhile(): void {
    if (this.#state === 'ended') return;
    this.#meanwhile += 1;
    if (this.#meanwhile % LOOK_EVERY === 0 && this.#size() - this.#sizeAtMove > MOST_MEANWHILE_BYTES) this.#pause();
  }

  /** Lets go of the file, once a move that is under way has ended. undefined: it has no hold of it. */
  close(): Promise<void> | undefined {
    const worker = this.#worker;
    this.#finish('ended');
    if (worker === undefined) return undefined;
    // Whoever waits for this may have nothing else that keeps the process alive.
    worker.ref();
    worker.postMessage('end' satisfies CheckpointOrder);
    return this.#gone;
  }

  #move(state: 'beside' | 'again' | 'last'): void {
    if (state === 'beside') this.#sizeAtMove = this.#size();
    this.#state = state;
    const order: CheckpointOrder = state === 'last' ? 'begin-anew' : 'move';
    try {
      this.#worker ??= this.#start();
      this.#worker.ref();
      this.#worker.postMessage(order);
    } catch {
      // Node may start no threads here (`--permission`).
      this.#break();
    }
  }

  #start(): Worker {
    const worker = new Worker(new URL('./checkpoint-thread.js', import.meta.url), {
      workerData: this.#options.path,
      execArgv: [],
    });
    worker.on('message', (answer: CheckpointAnswer) => this.#answered(answer));
    // What the error was is of no use to anybody: without the thread, all is as SQLite does it by itself.
    worker.on('error', () => {});
    this.#gone = new Promise((resolve) => {
      worker.once('exit', () => {
        this.#worker = undefined;
        this.#break();
        resolve();
      });
    });
    return worker;
  }

  #answered(answer: CheckpointAnswer): void {
    if (this.#state === 'ended') return;
    if (answer === undefined) this.#finish('idle');
    else if (this.#state === 'beside') {
      if (this.#isNew && answer.pages > 0) this.#dueAfter = (this.#commits * LOG_PAGES) / answer.pages;
      this.#move('again');
    } else if (this.#state === 'again') {
      this.#pause();
      this.#move('last');
    } else {
      this.#isNew = answer.whole;
      this.#finish('idle');
    }
  }

  #break(): void {
    if (this.#state === 'ended') return;
    this.#finish('ended');
    this.#options.onBroken();
  }

  #finish(state: 'idle' | 'ended'): void {
    if (this.#state === 'ended') return;
    this.#state = state;
    this.#commits = 0;
    this.#sizeBefore = Math.max(this.#size(), LOG_BYTES - GROWN_BYTES);
    this.#worker?.unref();
    if (!this.#isPaused) return;
    this.#isPaused = false;
    this.#options.onResume();
  }

  #pause(): void {
    if (this.#isPaused) return;
    this.#isPaused = true;
    this.#options.onPause();
  }

  #size(): number {
    return statSync(`${this.#options.path}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  }
}
