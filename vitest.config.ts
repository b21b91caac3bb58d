import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

/** What takes long, by where it is: begun last, one of them would keep a worker busy when the others have nothing left to do. */
const LONG = /\/e2e\/|\/attacks\/|\/cli\/|\/nodes\/|fuzz|first-start/;

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

/**
 * Every suite of the workspace. Two workers: the suites start servers and browsers of their own, and with three, attacks are judged on a machine that has no time.
 * A worker keeps the modules that it has loaded for the next file: a process and a second of imports for each of three
 * hundred files were a fifth of all. What a test changes of its process (environment, globals, listeners, fake timers) it puts back.
 */
export default defineConfig({
  test: {
    include: [
      'packages/*/{test,e2e}/**/*.test.{ts,tsx}',
      'systems/*/{test,e2e}/**/*.test.{ts,tsx}',
      'examples/test/**/*.test.ts',
      'scripts/**/*.test.mjs',
      'bench/test/**/*.test.mjs',
    ],
    isolate: false,
    maxWorkers: 2,
    sequence: { sequencer: LongestFirst },
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
