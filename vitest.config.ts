import { defineConfig } from 'vitest/config';

/** Every suite of the workspace. Four workers: the suites start servers and browsers of their own, and wait for them about as long as they compute. */
export default defineConfig({
  test: {
    include: [
      'packages/*/{test,e2e}/**/*.test.{ts,tsx}',
      'systems/*/{test,e2e}/**/*.test.{ts,tsx}',
      'examples/test/**/*.test.ts',
      'scripts/**/*.test.mjs',
      'bench/test/**/*.test.mjs',
    ],
    maxWorkers: 4,
    testTimeout: 60_000,
    hookTimeout: 90_000,
  },
});
