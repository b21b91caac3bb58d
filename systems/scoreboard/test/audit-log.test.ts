import { sqlite } from 'fanfare';
import { expect, it } from 'vitest';
import { AuditLog } from '../server/store/audit-log.ts';
import { SCHEMA } from '../server/store/schema.ts';

it('keeps the newest entries, and a bounded number of them', async () => {
  const engine = sqlite(':memory:');
  engine.database.exec(SCHEMA);
  const log = new AuditLog(engine.database, 50);

  for (let n = 1; n <= 1000; n += 1)
    log.write({ at: n, actor: 'user:1', action: 'tap', target: 'match:1', details: {} });

  const rows = log.page(Number.MAX_SAFE_INTEGER, 500);
  expect(rows.map(({ at }) => at)).toEqual(Array.from({ length: 50 }, (_, n) => 1000 - n));
  await engine.close();
});
