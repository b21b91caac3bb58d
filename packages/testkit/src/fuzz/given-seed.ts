/** Loaded before every test of a run that is given `FANFARE_FUZZ_SEED`: properties begin at that seed too, whichever file asks. */
import fc from 'fast-check';
import { givenSeed } from './mutations.ts';

const seed = givenSeed();
if (seed !== undefined) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed });
