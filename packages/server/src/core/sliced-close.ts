/** Ends connections in random slices, so that their clients do not come back in one wave [reliability: drain, do not drop]. */
import type { Clock, Entropy } from './ports/clock.ts';

export interface SlicedCloseOptions<C extends Closable> {
  readonly connections: Iterable<C>;
  /** The closes are spread over so long, evenly by chance. */
  readonly overMs: number;
  readonly clock: Clock;
  readonly entropy: Entropy;
  readonly close: (connection: C) => void;
}

interface Closable {
  readonly closed: boolean;
}

const SLICE_MS = 100;

/** Resolves when `close` was called for every one of the connections that is not closed yet. */
export function closeInSlices<C extends Closable>(options: SlicedCloseOptions<C>): Promise<void> {
  const { clock, entropy, overMs, close } = options;
  const slices: C[][] = Array.from({ length: Math.max(1, Math.ceil(overMs / SLICE_MS)) }, () => []);
  for (const connection of options.connections) slices[Math.floor(entropy.random() * slices.length)]?.push(connection);
  return new Promise((resolve) => {
    const next = (): void => {
      for (const connection of slices.shift() ?? []) close(connection);
      if (slices.some((slice) => slice.some((connection) => !connection.closed))) clock.after(SLICE_MS, next);
      else resolve();
    };
    next();
  });
}
