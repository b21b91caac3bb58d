import { defineConfig } from 'vitest/config';

/** Every suite of the workspace. Two workers: the suites start servers and browsers of their own; with four they take as long, and wait on each other. */
export default defineConfig({
  test: {
    include: [
      'packages/*/{test,e2e}/**/*.test.{ts,tsx}',
      'systems/*/{test,e2e}/**/*.test.{ts,tsx}',
      'examples/test/**/*.test.ts',
      'scripts/**/*.test.mjs',
      'bench/test/**/*.test.mjs',
    ],
    maxWorkers: 2,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
