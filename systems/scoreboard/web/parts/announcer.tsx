/**
 * Reads a sentence aloud for screen readers once it has stood still, so that a fast rally does not queue up speech; at a
 * steady pace, where it never stands still, every few seconds all the same.
 */
import { type ReactElement, useEffect, useRef, useState } from 'react';

const SETTLED_MS = 900;
const SILENT_AT_MOST_MS = 2500;

export function Announcer({ sentence }: { readonly sentence: string }): ReactElement {
  const [said, setSaid] = useState('');
  /** When the oldest change that nobody has heard of must be over; undefined: everything is said. */
  const dueAt = useRef<number>(undefined);
  useEffect(() => {
    const now = performance.now();
    dueAt.current ??= now + SILENT_AT_MOST_MS;
    const timer = setTimeout(
      () => {
        dueAt.current = undefined;
        setSaid(sentence);
      },
      Math.max(0, Math.min(SETTLED_MS, dueAt.current - now)),
    );
    return () => clearTimeout(timer);
  }, [sentence]);
  return (
    <p className="visually-hidden" aria-live="polite" aria-atomic="true">
      {said}
    </p>
  );
}
