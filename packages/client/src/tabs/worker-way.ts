/** The way by a SharedWorker, which runs the relay: no tab leads, and none is waited for. */
import { holdLock, type Locks } from './hold-lock.ts';
import type { FromTab, Port } from './messages.ts';
import type { Way, WayHost } from './way.ts';

export interface WorkerWayOptions {
  readonly group: string;
  /** Of the script (`serveTabs`), on the page's own origin. */
  readonly url: string;
  /** Absent where the page is no secure context: a tab that dies without a word is then noticed by its silence. */
  readonly locks: Locks | undefined;
  readonly id: () => string;
  readonly host: WayHost;
}

export class WorkerWay implements Way {
  readonly #options: WorkerWayOptions;
  #unanswered = 0;

  constructor(options: WorkerWayOptions) {
    this.#options = options;
  }

  async connect(hear: (message: unknown) => void): Promise<Port<FromTab>> {
    const { group, url, locks, id, host } = this.#options;
    const name = `${group} ${id()}`;
    const unlock = locks && (await holdLock(locks, name));
    const worker = new SharedWorker(url, { name: group });
    const { port } = worker;
    // No script, one that is forbidden here, or one that throws.
    worker.onerror = () => host.failed();
    port.onmessage = ({ data }) => {
      this.#unanswered = 0;
      hear(data);
    };
    if (unlock !== undefined) port.postMessage(name);
    return {
      send: (message) => port.postMessage(message),
      close: () => {
        port.close();
        unlock?.();
      },
    };
  }

  unanswered(): void {
    this.#unanswered += 1;
    if (this.#unanswered > 1) this.#options.host.failed();
    else this.#options.host.moved();
  }

  leave(): void {}
}
