import { randomBytes } from 'node:crypto';
import { buffer } from 'node:stream/consumers';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createDocumentReader } from './documents.ts';

/** A blob in pieces of these sizes, the last of them as often as needed. */
function blobOf(plain: Uint8Array, pieces: readonly number[]) {
  let passes = 0;
  async function* open() {
    passes += 1;
    for (let at = 0, index = 0; at < plain.length; index += 1) {
      const size = pieces[index] ?? pieces.at(-1) ?? 1;
      yield plain.subarray(at, at + size);
      at += size;
    }
  }
  return { open, passes: () => passes };
}
const sizes = fc.array(fc.nat(50), { minLength: 1, maxLength: 6 });

describe('the documents of a blob', () => {
  it('are its parts, whatever the pieces and the order in which they are read', async () => {
    const pieces = fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 5 });
    await fc.assert(
      fc.asyncProperty(sizes, pieces, fc.array(fc.nat(5)), async (lengths, cuts, detours) => {
        const documents = lengths.map((length) => randomBytes(length));
        const { open } = blobOf(Buffer.concat(documents), cuts);
        const reader = createDocumentReader(open, lengths);
        for (const index of [...detours.map((each) => each % lengths.length), ...lengths.keys()])
          expect(await buffer(reader.read(index))).toEqual(documents[index]);
        await reader.close();
      })
    );
  });

  it('cost one pass in order, and another one for going back', async () => {
    const { open, passes } = blobOf(randomBytes(30), [7]);
    const reader = createDocumentReader(open, [10, 10, 10]);
    for (const index of [0, 1, 2]) await buffer(reader.read(index));
    expect(passes()).toBe(1);
    await buffer(reader.read(1));
    expect(passes()).toBe(2);
  });

  it.each([
    ['more', 31],
    ['less', 29]
  ])('do not end well when the blob has %s than they have', async (_what, length) => {
    const reader = createDocumentReader(blobOf(randomBytes(length), [8]).open, [10, 20]);
    await buffer(reader.read(0));
    await expect(buffer(reader.read(1))).rejects.toThrow('seal-broken');
  });

  it('end only after the end of the blob was verified', async () => {
    async function* broken() {
      yield randomBytes(10);
      throw new Error('the last segment is not authentic');
    }
    await expect(buffer(createDocumentReader(broken, [10]).read(0))).rejects.toThrow('not authentic');
  });
});
