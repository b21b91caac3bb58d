/** Shows that a value changed: pale yellow for 1.2 s. Nothing on the first render, nothing under reduced motion. */
import { type ReactElement, type ReactNode, useState } from 'react';

export interface FlashProps {
  /** What is watched, compared with `Object.is`. */
  readonly value: string | number | boolean | null | undefined;
  /** What is shown. @default the value itself */
  readonly children?: ReactNode;
  readonly className?: string;
}

export function Flash({ value, children, className }: FlashProps): ReactElement {
  const [seen, setSeen] = useState({ value, changes: 0 });
  // State derived while rendering, not in an effect: the changed number and its flash are painted together.
  if (!Object.is(seen.value, value)) setSeen({ value, changes: seen.changes + 1 });
  return (
    <span
      className={className === undefined ? 'flash' : `flash ${className}`}
      // Two names for one animation: a change during a flash starts it again.
      data-flash={seen.changes === 0 ? undefined : seen.changes % 2 === 0 ? 'even' : 'odd'}
    >
      {children ?? value}
    </span>
  );
}
