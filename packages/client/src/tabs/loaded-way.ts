/** A way whose code is loaded first. */
import type { OpenWay, Way } from './way.ts';

/** `load`: rejects where the code cannot be had; the way leads nowhere then. */
export function loadedWay(load: () => Promise<OpenWay>): OpenWay {
  return (group, host) => {
    let way: Way | undefined;
    const loading = load().then((open) => {
      way = open(group, host);
      return way;
    });
    return {
      connect: (hear) => loading.then((loaded) => loaded.connect(hear)),
      // On a network that does not answer, the code does not come either.
      unanswered: () => (way ? way.unanswered() : host.failed()),
      leave: () => loading.then((loaded) => loaded.leave()).catch(() => undefined),
    };
  };
}
