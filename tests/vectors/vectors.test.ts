import { readFileSync, writeFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import type { z } from 'zod';
import { checks } from './checks.ts';
import { generateVectors } from './generate.ts';
import { type VectorFile, vectorFiles } from './schema.ts';

const path = (file: VectorFile) => new URL(`${file}.json`, import.meta.url);
const generated = await generateVectors();

for (const file of Object.keys(vectorFiles) as VectorFile[]) {
  if (process.env.LETTERLOCK_WRITE_VECTORS) writeFileSync(path(file), generated[file]);
  describe(file, () => {
    const text = readFileSync(path(file), 'utf8');
    run(file, vectorFiles[file].parse(JSON.parse(text)));

    it('is what the generator makes', () => expect(generated[file]).toBe(text));
  });
}

function run<File extends VectorFile>(file: File, cases: z.infer<(typeof vectorFiles)[File]>): void {
  it('has at least as many invalid cases as valid ones', () => {
    const valid = cases.filter((each) => each.valid).length;
    expect(valid).toBeGreaterThan(0);
    expect(cases.length - valid).toBeGreaterThanOrEqual(valid);
  });
  for (const each of cases)
    it(`${each.valid ? 'accepts' : 'refuses'}: ${each.name}`, async () => {
      await (checks[file] as (vector: typeof each) => Promise<void> | void)(each);
    });
}
