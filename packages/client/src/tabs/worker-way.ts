/** The way by a SharedWorker, which runs the relay: no tab leads, and none is waited for. */
import type { OpenWay } from './way.ts';

/** `url`: of the script (`worker.ts`), on the page's own origin. A tab that dies without a word is noticed by its silence. */
export function workerWay(url: string | URL): OpenWay {
  return (group, host) => ({
    async connect(hear) {
      const worker = new SharedWorker(url, group);
      const { port } = worker;
      // No script, one that is forbidden here, or one that throws.
      worker.onerror = host.failed;
      port.onmessage = ({ data }) => hear(data);
      return port;
    },
    // Every hello is to a worker that was just asked for: there is none to be had.
    unanswered: host.failed,
    leave() {},
  });
}
