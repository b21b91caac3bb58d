/** Counts what waits on the tab itself, in its title and on its icon, for a visitor who looks at another tab. */
import { useEffect, useId } from 'react';
import { countOnTab } from './tab-count.ts';

/**
 * `(3) Inbox`: before whatever title the page has or gives itself later, and as a number on its icon. Counts of several components are
 * added. Zero, or the component's end, leaves title and icon as they were.
 */
export function useTitleCount(count: number): void {
  const owner = useId();
  useEffect(() => {
    countOnTab(owner, count);
  }, [owner, count]);
  useEffect(() => () => countOnTab(owner, 0), [owner]);
}
