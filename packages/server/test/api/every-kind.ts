/** A hub with a channel of every kind, and what it refuses: for tests of publishing and reading in-process. */
import { expect } from 'vitest';
import { z } from 'zod';
import {
  type ChannelMap,
  createFanfare,
  type Fanfare,
  FanfareError,
  log,
  memory,
  type StandardSchema,
  signal,
  state,
} from '../../src/index.ts';

export const Score = z.object({ points: z.number().int().min(0), by: z.string().default('umpire') });
const Late: StandardSchema<string> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: async (value) => (typeof value === 'string' ? { value } : { issues: [{ message: 'not a text' }] }),
  },
};

export const channels = {
  'match:{id}': log({ events: { score: Score, note: Late } }),
  'court:{pin}': state({ schema: Score }),
  'typing:{room}': signal({ events: { typing: Score } }),
  'open:{name}': log({ keep: { count: 5 } }),
} satisfies ChannelMap;

export function start(): Fanfare<typeof channels> {
  return createFanfare({ engine: memory(), channels });
}

/** Code and status of what it rejects with. */
export async function refusal(outcome: Promise<unknown>): Promise<{ readonly code: string; readonly status: number }> {
  const error: unknown = await outcome.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof FanfareError)) throw new Error('expected a FanfareError', { cause: error });
  expect(error.message.length).toBeGreaterThan(10);
  return { code: error.code, status: error.status };
}
