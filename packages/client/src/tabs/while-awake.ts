/**
 * A way that a page leaves before it sleeps, and takes again when it wakes: a page that keeps locks and channels is not kept by the
 * browser for whoever comes back to it, and a leader that is frozen hands over nothing.
 */
import type { Off } from '../listeners.ts';
import type { Platform } from '../platform.ts';
import type { OpenWay, Way } from './way.ts';

/** Tells when the page is about to be frozen, or is left and may be restored. */
export type WatchSleep = (asleep: () => void) => Off;

/** A page that is told to sleep does so; in one that did not, or when it wakes, this timer runs. */
const NAP_MS = 1000;

export function whileAwake(open: OpenWay, platform: Pick<Platform, 'after'>, watch: WatchSleep): OpenWay {
  return (group, host) => {
    let way: Way | undefined;
    let isLeft = false;
    let awake = Promise.resolve();
    const off = watch(() => {
      way?.leave();
      way = undefined;
      awake = new Promise((resolve) => {
        platform.after(NAP_MS, resolve);
      });
      host.moved();
    });
    return {
      async connect(hear) {
        await awake;
        if (isLeft) throw new Error('The tab left.');
        way ??= open(group, host);
        return way.connect(hear);
      },
      unanswered: () => way?.unanswered(),
      leave() {
        isLeft = true;
        off();
        way?.leave();
      },
    };
  };
}

export function watchPage(asleep: () => void): Off {
  const stop = new AbortController();
  for (const type of ['pagehide', 'freeze']) addEventListener(type, asleep, { capture: true, signal: stop.signal });
  return () => stop.abort();
}
