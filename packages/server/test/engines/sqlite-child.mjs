/** The sqlite engine in a process of its own, for the suites to kill. */
import { join } from 'node:path';
import { runEngineChild } from '@fanfare/testkit';
import { sqlite } from 'fanfare/internal';

await runEngineChild((place) => sqlite(join(place, 'fanfare.db')));
