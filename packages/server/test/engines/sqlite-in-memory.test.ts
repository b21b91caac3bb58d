/** `sqlite(':memory:')` passes the suite of all engines, leaves no file behind, and does not promise what it cannot keep. */
import { existsSync } from 'node:fs';
import { describeEngine } from '@fanfare/testkit';
import { sqlite } from 'fanfare/internal';
import { expect, it } from 'vitest';

describeEngine('sqlite in memory', ({ clock, idempotency = {} }) => sqlite({ path: ':memory:', clock, idempotency }), {
  durable: false,
});

it('sqlite in memory has no file, shares nothing, and its ack says accepted', async () => {
  const [one, other] = [sqlite(':memory:'), sqlite(':memory:')];
  const append = { channel: 'a', event: 'e', dataJson: '1', key: '', retention: { kind: 'window' } } as const;

  const appended = await one.broker.append(append);

  expect(appended.ack).toBe('accepted');
  expect((await other.broker.head('a')).offset).toBe(0);
  expect(existsSync(':memory:')).toBe(false);
  expect(existsSync(':memory:-lock')).toBe(false);
  await Promise.all([one.close(), other.close()]);
});
