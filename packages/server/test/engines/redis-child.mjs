/** The redis engine in a process of its own, for the suites to kill. */
import { basename } from 'node:path';
import { runEngineChild } from '@fanfare/testkit';
import { redis } from 'fanfare/internal';

const timeoutMs = 15_000;
await runEngineChild((place) => redis(process.env.FANFARE_TEST_REDIS, { prefix: `${basename(place)}:`, timeoutMs }));
