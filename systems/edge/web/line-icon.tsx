/** An icon of 24 by 24, one line of one weight, in the colour of the text around it. Beside a word, or in a button with a name: it is silent. */
import type { ReactElement } from 'react';

export interface LineIconProps {
  /** What an SVG path calls `d`. */
  readonly path: string;
  /** @default 20 */
  readonly size?: number | string;
}

export function LineIcon({ path, size = 20 }: LineIconProps): ReactElement {
  return (
    <svg className="icon" width={size} height={size} viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path
        d={path}
        fill="none"
        stroke="currentColor"
        strokeWidth="1.75"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
