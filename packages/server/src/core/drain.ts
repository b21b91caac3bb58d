/** Ends all connections in random slices, so that their clients do not come back in one wave [reliability: drain, do not drop]. */
import type { Connection } from './connection.ts';
import type { Clock, Entropy } from './ports/clock.ts';

export interface DrainOptions {
  readonly connections: Iterable<Connection>;
  /** The closes are spread over so long, evenly by chance. */
  readonly overMs: number;
  readonly clock: Clock;
  readonly entropy: Entropy;
}

const SLICE_MS = 100;

/** Resolves when every one of the connections was told to reconnect. */
export function drainConnections(options: DrainOptions): Promise<void> {
  const { clock, entropy, overMs } = options;
  const slices: Connection[][] = Array.from({ length: Math.max(1, Math.ceil(overMs / SLICE_MS)) }, () => []);
  for (const connection of options.connections) slices[Math.floor(entropy.random() * slices.length)]?.push(connection);
  return new Promise((resolve) => {
    const next = (): void => {
      for (const connection of slices.shift() ?? []) connection.close('drain');
      if (slices.some((slice) => slice.some((connection) => !connection.closed))) clock.after(SLICE_MS, next);
      else resolve();
    };
    next();
  });
}
