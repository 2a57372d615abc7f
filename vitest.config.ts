import { defineConfig } from 'vitest/config';

/**
 * unit: beside the code, fast, no processes of ours, no network but loopback.
 * system: real processes, real CUPS, real printers; needs `npm run build` first. One file at a time: they share the machine.
 */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src-*/**/*.test.{ts,tsx}', 'tests/unit/**/*.test.ts', 'tests/vectors/**/*.test.ts'],
          testTimeout: 30_000
        }
      },
      {
        test: {
          name: 'system',
          include: ['tests/system/**/*.test.ts'],
          fileParallelism: false,
          testTimeout: 180_000,
          hookTimeout: 180_000
        }
      }
    ]
  }
});
