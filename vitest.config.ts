import { readFileSync } from 'node:fs';
import { defineConfig, type TestProjectInlineConfiguration } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes long, by where it is: begun last, one of them would keep a worker busy when the others have nothing left to do. */
const LONG = /\/e2e\/|\/cli\/|\/nodes\/|first-start/;

/** The long ones first, those in a page last: a worker goes on to the next file as long as it needs the same environment. */
class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rank = ({ moduleId }: TestSpecification): number => {
      if (LONG.test(moduleId)) return 0;
      return readFileSync(moduleId, 'utf8').includes('@vitest-environment jsdom') ? 2 : 1;
    };
    const sorted = await super.sort(files);
    return sorted
      .map((file) => ({ file, at: rank(file) }))
      .sort((a, b) => a.at - b.at)
      .map(({ file }) => file);
  }
}

const SUITES = [
  'packages/*/{test,e2e}/**/*.test.{ts,tsx}',
  'systems/*/{test,e2e}/**/*.test.{ts,tsx}',
  'examples/test/**/*.test.ts',
  'scripts/**/*.test.mjs',
  'bench/test/**/*.test.mjs',
];
/**
 * Suites that judge a server by the time that it takes: how late its event loop is (`lateness` of the testkit), how soon a storm is over.
 * Beside many others, the machine would be judged.
 */
const JUDGED = [
  'packages/server/test/attacks/*.test.ts',
  'packages/client/e2e/storm.test.ts',
  'systems/*/test/fuzz*.test.ts',
  'systems/rooms/test/abuse.test.ts',
];

/**
 * Every suite of the workspace, in two groups, one behind the other. Suites start servers and browsers of their own, so that two at once
 * fill two processors where something is judged; the others mostly wait for what takes real time: with three at once the processors are busy, with four pages were late.
 * A worker keeps the modules that it has loaded for the next file: a process and a second of imports for each of three
 * hundred files were a fifth of all. What a test changes of its process (environment, globals, listeners, fake timers) it puts back.
 */
export default defineConfig({
  test: {
    setupFiles: process.env['FANFARE_FUZZ_SEED'] === undefined ? [] : ['packages/testkit/src/fuzz/given-seed.ts'],
    isolate: false,
    sequence: { sequencer: LongestFirst },
    // Servers that are started by a test begin cold: what it is about is not how fast the first crowd gets in.
    env: { FANFARE_WARM_UP: '0' },
    testTimeout: 60_000,
    hookTimeout: 90_000,
    projects: [
      group(0, { name: 'judged', include: JUDGED, maxWorkers: 2 }),
      group(1, { name: 'others', include: SUITES, exclude: JUDGED, maxWorkers: 3 }),
    ],
  },
});

/** Groups of a lower number run first; `extends`: with all that is set above. */
function group(groupOrder: number, test: TestProjectInlineConfiguration['test']): TestProjectInlineConfiguration {
  return { extends: true, test: { ...test, sequence: { groupOrder } } };
}
