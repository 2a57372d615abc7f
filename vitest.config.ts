import { defineConfig } from 'vitest/config';

/**
 * unit: beside the code, fast, no processes of ours, no network but loopback.
 * system: real processes, real CUPS, real printers; needs `npm run build` first. One file at a time: they share the machine.
 * There, a test that fails is tried once more, and the report says so: other people's programs have bad moments on busy machines.
 */
export default defineConfig({
  test: {
    maxWorkers: '100%', // the default leaves a core idle, which of two is half
    projects: [
      {
        test: {
          name: 'unit',
          include: [
            'src-*/**/*.test.{ts,tsx}',
            'tests/unit/**/*.test.ts',
            'tests/vectors/**/*.test.ts',
            'tests/simulation/**/*.test.ts'
          ],
          testTimeout: 30_000
        }
      },
      {
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          fileParallelism: false,
          retry: 1,
          testTimeout: 180_000,
          hookTimeout: 180_000
        }
      }
    ]
  }
});
