/** The time, ticking while something on the page counts down. */
import { useEffect, useState } from 'react';

/** Milliseconds since the epoch, renewed every `everyMs` while `ticking`; otherwise the time of the last change. */
export function useNow(everyMs: number, ticking: boolean): number {
  const [now, setNow] = useState(() => Date.now());
  useEffect(() => {
    if (!ticking) return;
    setNow(Date.now());
    const timer = setInterval(() => setNow(Date.now()), everyMs);
    return () => clearInterval(timer);
  }, [everyMs, ticking]);
  return now;
}
