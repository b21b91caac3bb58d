/** Marks a value that has just changed, for as long as its flash lasts. */
import { useEffect, useState } from 'react';
import { useReducedMotion } from './use-reduced-motion.ts';

/** As `--flash-time` of the tokens. */
const FLASH_MS = 1200;

/** For `data-flash` of an element of the class `flash`. Two marks for one animation: a change during a flash starts it again. */
export type FlashMark = 'odd' | 'even' | undefined;

interface Seen {
  readonly value: unknown;
  readonly changes: number;
  readonly flashing: boolean;
}

/**
 * `<td className="flash" data-flash={useFlash(points)}>`: pale yellow for 1.2 s when the value (compared with `Object.is`) changed.
 * Nothing on the first render, nor when the first value arrives (`undefined` before); nothing under reduced motion. The mark goes when the flash is over: an element that is moved or shown
 * again later does not flash for an old change.
 */
export function useFlash(value: unknown): FlashMark {
  const [seen, setSeen] = useState<Seen>({ value, changes: 0, flashing: false });
  const reduced = useReducedMotion();
  // State derived while rendering, not in an effect: the changed number and its flash are painted together.
  if (!Object.is(seen.value, value)) {
    const arrived = seen.value === undefined;
    setSeen({ value, changes: seen.changes + (arrived ? 0 : 1), flashing: !arrived });
  }

  const { changes, flashing } = seen;
  useEffect(() => {
    if (!flashing || changes === 0) return;
    const timer = setTimeout(() => setSeen((now) => ({ ...now, flashing: false })), FLASH_MS);
    return () => clearTimeout(timer);
  }, [changes, flashing]);

  if (!flashing || reduced) return undefined;
  return changes % 2 === 0 ? 'even' : 'odd';
}
