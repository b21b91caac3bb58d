/** The memory engine passes the suite of all engines. */
import { describeEngine } from '@fanfare/testkit';
import { memory } from 'fanfare/internal';

describeEngine('memory', ({ clock, idempotency = {} }) => memory({ clock, idempotency }), { durable: false });
