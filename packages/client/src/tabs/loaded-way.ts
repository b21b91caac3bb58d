/** A way whose code is loaded when it is taken. */
import type { OpenWay, Way } from './way.ts';

/** `load`: rejects where the code cannot be had; the way leads nowhere then. */
export function loadedWay(load: () => Promise<OpenWay>): OpenWay {
  return (group, host) => {
    let way: Way | undefined;
    let isLeft = false;
    return {
      async connect(hear) {
        const open = await load();
        if (isLeft) throw new Error('The tab left.');
        way ??= open(group, host);
        return way.connect(hear);
      },
      // On a network that does not answer, the code does not come either.
      unanswered: () => (way ? way.unanswered() : host.failed()),
      leave() {
        isLeft = true;
        way?.leave();
      },
    };
  };
}
