import type { DocumentFacts } from '../../../src-preload/contract/views.ts';
import { createFactsReader } from '../facts.ts';

/** All facts of a document, given in chunks of `size` bytes. */
export function readFacts(format: string, bytes: Uint8Array, size = 65_536): DocumentFacts {
  const reader = createFactsReader(format);
  for (let at = 0; at < bytes.length; at += size) reader.write(bytes.subarray(at, at + size));
  return reader.end();
}
