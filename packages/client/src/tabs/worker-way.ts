/** The way by a SharedWorker, which runs the relay: no tab leads, and none is waited for. */
import { holdLock, type Locks } from './hold-lock.ts';
import type { FromTab, Port } from './messages.ts';
import type { Way, WayHost } from './way.ts';

export interface WorkerWayOptions {
  readonly group: string;
  /** Of the script (`worker.ts`), on the page's own origin. */
  readonly url: string;
  /** Absent where the page is no secure context: a tab that dies without a word is then noticed by its silence. */
  readonly locks: Locks | undefined;
  readonly id: () => string;
  readonly host: WayHost;
}

export class WorkerWay implements Way {
  readonly #options: WorkerWayOptions;

  constructor(options: WorkerWayOptions) {
    this.#options = options;
  }

  async connect(hear: (message: unknown) => void): Promise<Port<FromTab>> {
    const { group, url, locks, id, host } = this.#options;
    const name = `${group} ${id()}`;
    const worker = new SharedWorker(url, { name: group });
    const { port } = worker;
    // No script, one that is forbidden here, or one that throws.
    worker.onerror = () => host.failed();
    const unlock = locks && (await holdLock(locks, name));
    port.onmessage = ({ data }) => hear(data);
    if (unlock !== undefined) port.postMessage(name);
    return {
      send: (message) => port.postMessage(message),
      close: () => {
        port.close();
        unlock?.();
      },
    };
  }

  /** Every hello is to a worker that was just asked for: there is none to be had. */
  unanswered(): void {
    this.#options.host.failed();
  }

  leave(): void {}
}
