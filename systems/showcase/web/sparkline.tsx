/** A line of the last values, newest at the right. Decoration: the numbers beside it say the same to a screen reader. */
import type { ReactElement } from 'react';

const WIDTH = 240;
const HEIGHT = 48;
/** The stroke must not be cut off at the top and bottom of the box. */
const MARGIN = 3;

export interface SparklineProps {
  readonly values: readonly number[];
  /** How many values fill the width; fewer leave the left side empty. */
  readonly capacity: number;
}

export function Sparkline({ values, capacity }: SparklineProps): ReactElement {
  const points = layOut(values, capacity);
  const first = points[0];
  const last = points.at(-1);
  const line = points.map(({ x, y }) => `${x},${y}`).join(' ');
  return (
    <svg className="sparkline" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
      <line className="sparkline__base" x1="0" x2={WIDTH} y1={HEIGHT - 1} y2={HEIGHT - 1} />
      {first !== undefined && last !== undefined && (
        <>
          <polygon className="sparkline__area" points={`${first.x},${HEIGHT} ${line} ${last.x},${HEIGHT}`} />
          <polyline className="sparkline__line" points={line} />
        </>
      )}
    </svg>
  );
}

interface Point {
  readonly x: number;
  readonly y: number;
}

/** The highest value touches the top, zero the bottom; a lone small value is not blown up to full height. */
function layOut(values: readonly number[], capacity: number): readonly Point[] {
  const top = Math.max(4, ...values);
  const step = WIDTH / Math.max(1, capacity - 1);
  return values.map((value, index) => ({
    x: round(WIDTH - (values.length - 1 - index) * step),
    y: round(HEIGHT - MARGIN - (value / top) * (HEIGHT - 2 * MARGIN)),
  }));
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
