/** The JSON Schema of Snapshot: every snapshot that we produce fits it, and what is no snapshot does not. */
import { snapshotJsonSchema } from '@fanfare-systems/scoreboard';
import { type ActionName, apply, snapshotOf } from '@fanfare-systems/scoreboard/rules';
import { Ajv } from 'ajv';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { anyActions, anyBestOf, newMatch } from './rules-support.ts';
import { startScoreboard } from './scoreboard-support.ts';

const validate = new Ajv({ strict: true }).compile(snapshotJsonSchema);

describe('the schema', () => {
  it('is draft-07, requires what the contract requires, and is served', async () => {
    await using running = await startScoreboard();

    const response = await fetch(`${running.url}/api/schemas/snapshot.json`);

    expect(response.headers.get('content-type')).toMatch(/^application\/schema\+json/);
    expect(await response.json()).toEqual(snapshotJsonSchema);
    expect(snapshotJsonSchema).toMatchObject({
      $schema: 'http://json-schema.org/draft-07/schema#',
      required: ['score', 'games', 'gameNumber', 'server'],
    });
  });

  it('accepts the snapshot of every match that can be played', () => {
    fc.assert(
      fc.property(anyBestOf, anyActions, fc.boolean(), (bestOf, actions, onCourt) => {
        let state = newMatch(bestOf);
        const place = onCourt ? { matchId: 'm', pinCode: '1234', courtId: 'c' } : { matchId: 'm' };
        for (const action of [undefined, ...actions] as (ActionName | undefined)[]) {
          const outcome = action === undefined ? undefined : apply(state, { action }, state.at + 1);
          if (outcome?.ok === true) state = outcome.value;
          const snapshot: unknown = JSON.parse(JSON.stringify(snapshotOf(state, place)));
          expect(validate(snapshot), JSON.stringify(validate.errors)).toBe(true);
        }
      }),
      { numRuns: 50 },
    );
  });

  it.each([
    {},
    { score: [0, 0], games: [0, 0], gameNumber: 1 },
    { score: [0], games: [0, 0], gameNumber: 1, server: 0 },
    { score: [0, 0, 0], games: [0, 0], gameNumber: 1, server: 0 },
    { score: [-1, 0], games: [0, 0], gameNumber: 1, server: 0 },
    { score: [0, 0], games: [0, 0], gameNumber: 0, server: 0 },
    { score: [0, 0], games: [0, 0], gameNumber: 1, server: 2 },
    { score: [0, 0], games: [0, 0], gameNumber: 1, server: 0, bestOf: 2 },
    { score: [0, 0], games: [0, 0], gameNumber: 1, server: 0, matchStatus: 'over' },
  ])('refuses %j', (value) => {
    expect(validate(value)).toBe(false);
  });
});
