/** Shows that a value changed: pale yellow for 1.2 s. Nothing on the first render or for the first value, nothing under reduced motion. */
import type { ReactElement, ReactNode } from 'react';
import { useFlash } from './use-flash.ts';

/** Of `<Flash>`. */
export interface FlashProps {
  /** What is watched, compared with `Object.is`. */
  readonly value: string | number | boolean | null | undefined;
  /** What is shown. @default the value itself */
  readonly children?: ReactNode;
  readonly className?: string;
}

/** A `<span>` around what is shown; in a cell or a list item use `useFlash`. */
export function Flash({ value, children, className }: FlashProps): ReactElement {
  const mark = useFlash(value);
  return (
    <span className={className === undefined ? 'flash' : `flash ${className}`} data-flash={mark}>
      {children ?? value}
    </span>
  );
}
