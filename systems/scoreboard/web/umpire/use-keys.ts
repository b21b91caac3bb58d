/** Scoring by keyboard: A and B are the sides, arrows are left and right of the court. */
import type { Side } from '@fanfare-systems/scoreboard/rules';
import { useEffect, useRef } from 'react';
import type { Acts } from './commands.ts';

export interface KeyActs extends Acts {
  /** Left first. */
  readonly sides: readonly [Side, Side];
}

/** undefined: keys do nothing now. */
export function useKeys(acts: KeyActs | undefined): void {
  const newest = useRef(acts);
  useEffect(() => {
    newest.current = acts;
  });
  useEffect(() => {
    const press = (event: KeyboardEvent): void => {
      const now = newest.current;
      if (now === undefined || event.repeat || event.ctrlKey || event.metaKey || event.altKey) return;
      // Somebody types into a field.
      if (event.target instanceof HTMLElement && event.target.matches('input, textarea, select')) return;
      const act = KEYS[event.key.toLowerCase()];
      if (act === undefined) return;
      event.preventDefault();
      act(now);
    };
    window.addEventListener('keydown', press);
    return () => window.removeEventListener('keydown', press);
  }, []);
}

const KEYS: Readonly<Record<string, ((acts: KeyActs) => void) | undefined>> = {
  a: (acts) => acts.point(0),
  b: (acts) => acts.point(1),
  arrowleft: (acts) => acts.point(acts.sides[0]),
  arrowright: (acts) => acts.point(acts.sides[1]),
  u: (acts) => acts.undo(),
  s: (acts) => acts.swap(),
  p: (acts) => acts.pauseOrResume(),
  n: (acts) => acts.askNextGame(),
};
