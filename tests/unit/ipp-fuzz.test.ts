import { randomInt } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { codecTarget, replyTarget } from '../fuzz/codec-targets.ts';
import { hostile } from '../fuzz/corpus.ts';
import { fuzz } from '../fuzz/fuzz.ts';
import { createPrinterTarget } from '../fuzz/printer-target.ts';
import { createRandom } from '../fuzz/random.ts';
import { mostHeapGrowth } from '../fuzz/run.ts';

describe('fuzzing', () => {
  it.each([20_261_122, randomInt(2 ** 31)])(
    'finds nothing with seed %i',
    async (seed) => {
      const { findings, heapGrowth, outcomes } = await fuzz({ requests: 25_000, seed });
      expect(findings.map(({ target, finding }) => [target, finding.message, finding.cause])).toEqual([]);
      expect(heapGrowth).toBeLessThan(mostHeapGrowth);
      // the fuzzer gets somewhere: requests succeed and fail in many ways, and none in a way of its own
      expect(Object.keys(outcomes).sort()).toEqual(['client', 'codec', 'printer', 'reply', 'server']);
      expect(outcomes.printer?.['successful-ok']).toBeGreaterThan(100);
      expect(Object.keys(outcomes.printer ?? {}).length).toBeGreaterThan(8);
    },
    120_000
  );

  const targets = [codecTarget, replyTarget, createPrinterTarget()];
  it.each(hostile)('bears: $name', async ({ hex }) => {
    for (const target of targets) await target(Buffer.from(hex, 'hex'), createRandom(1));
  });
});
