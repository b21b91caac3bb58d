/** A number of the score: it flashes and settles into place when it changes. */
import { Flash } from '@fanfare/react';
import type { ReactElement } from 'react';

export function ScoreNumber({
  value,
  className,
}: {
  readonly value: number;
  readonly className?: string;
}): ReactElement {
  return (
    <Flash value={value} className={className === undefined ? 'number' : `number ${className}`}>
      <span className="number__digits">{value}</span>
    </Flash>
  );
}
