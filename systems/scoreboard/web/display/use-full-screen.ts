/** Full screen for the whole page, where the browser can (an iPhone cannot). */
import { useState, useSyncExternalStore } from 'react';

export interface FullScreen {
  readonly possible: boolean;
  readonly on: boolean;
  readonly toggle: () => void;
}

export function useFullScreen(): FullScreen {
  const on = useSyncExternalStore(subscribe, () => document.fullscreenElement !== null);
  // A browser may say that it can and then refuse (a frame without the permission): the button goes.
  const [refused, setRefused] = useState(false);
  const toggle = (): void => {
    const change = on ? document.exitFullscreen() : document.documentElement.requestFullscreen();
    change.catch(() => setRefused(true));
  };
  return { possible: document.fullscreenEnabled === true && !refused, on, toggle };
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('fullscreenchange', listener);
  return () => document.removeEventListener('fullscreenchange', listener);
}
