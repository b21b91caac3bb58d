/** The sqlite engine passes the suite of all engines, durability included. */
import { join } from 'node:path';
import { describeEngine } from '@fanfare/testkit';
import { sqlite } from 'fanfare/internal';

describeEngine(
  'sqlite',
  ({ clock, idempotency = {}, place }) => sqlite({ path: join(place, 'fanfare.db'), clock, idempotency }),
  {
    durable: true,
    child: new URL('sqlite-child.mjs', import.meta.url),
  },
);
