import { samplePdf } from '../../build/sample-document.mjs';
import type { Random } from '../fuzz/random.ts';
import { sha256 } from '../support/documents.ts';

/** One document of a trial. Its canary, in title and content, lies nowhere else: wherever it is found, there is plaintext. */
export interface ChaosDocument {
  readonly title: string;
  readonly bytes: Buffer;
  readonly digest: string;
}

/** The beginning of every canary. */
export const canary = 'CANARY-7f3a9c';

const sizes = [2_000, 2_000, 60_000, 60_000, 1_500_000, 6_000_000] as const;

export function makeDocument(seed: number, index: number, random: Random): ChaosDocument {
  const title = `${canary}-${seed}-${index}`;
  const lines: string[] = [];
  for (let left: number = random.pick(sizes); left > 0; left -= 80)
    lines.push(`${left % 4000 < 80 ? title : ''} ${random.bytes(27).toString('hex')}`);
  const bytes = samplePdf([title, ...lines, title]);
  return { title, bytes, digest: sha256(bytes) };
}
