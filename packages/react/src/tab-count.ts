/** The one count on the tab: the sum of what its owners count, kept before the title and on the icon. */
import { wholeCount } from './count-badge.tsx';
import { showOnIcon } from './tab-icon.ts';

const MAX = 99;

const counts = new Map<string, number>();
/** The title as the page gave it. */
let given = '';
/** The title as we put it; anything else there is the page's. */
let shown: string | undefined;
let watching: MutationObserver | undefined;

export function countOnTab(owner: string, count: number): void {
  const whole = wholeCount(count);
  if (whole === 0) counts.delete(owner);
  else counts.set(owner, whole);
  paint();
  if (counts.size === 0) {
    watching?.disconnect();
    watching = undefined;
  } else watching ??= watchTitle();
}

function paint(): void {
  const sum = [...counts.values()].reduce((all, one) => all + one, 0);
  const text = sum === 0 ? '' : sum > MAX ? `${MAX}+` : String(sum);
  if (shown === undefined || document.title !== shown) given = document.title;
  const title = text === '' ? given : `(${text}) ${given}`;
  shown = text === '' ? undefined : title;
  // Writing the same again would call the observer again.
  if (document.title !== title) document.title = title;
  showOnIcon(text);
}

/** The page may change its title at any time, by whatever means. */
function watchTitle(): MutationObserver {
  const observer = new MutationObserver(() => {
    if (document.title !== shown) paint();
  });
  observer.observe(document.head, { childList: true, subtree: true, characterData: true });
  return observer;
}
