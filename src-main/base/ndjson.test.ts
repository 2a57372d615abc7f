import fc from 'fast-check';
import { expect, test } from 'vitest';
import { encodeLine, readLines } from './ndjson.ts';

async function read(text: string, { pieces = 1, maxBytes = 1000 } = {}): Promise<unknown[]> {
  const bytes = Buffer.from(text);
  const size = Math.max(1, Math.ceil(bytes.length / pieces));
  async function* source() {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  }
  const values: unknown[] = [];
  for await (const value of readLines(source(), maxBytes)) values.push(value);
  return values;
}

test('values come out as they went in, however the bytes arrive', async () => {
  const values = fc.array(fc.json({ maxDepth: 2 }).map((text) => JSON.parse(text) as unknown));
  await fc.assert(
    fc.asyncProperty(values, fc.integer({ min: 1, max: 2000 }), async (list, pieces) => {
      expect(await read(list.map(encodeLine).join(''), { pieces, maxBytes: 1_000_000 })).toEqual(list);
    })
  );
});

test('a line may be as long as allowed and not a byte longer, finished or not', async () => {
  const value = 'x'.repeat(98);
  for (const pieces of [1, 3, 101]) {
    expect(await read(encodeLine(value), { pieces, maxBytes: 100 })).toEqual([value]);
    await expect(read(encodeLine(`${value}x`), { pieces, maxBytes: 100 })).rejects.toMatchObject({ code: 'too-large' });
    await expect(read('x'.repeat(101), { pieces, maxBytes: 100 })).rejects.toMatchObject({ code: 'too-large' });
  }
});

test('a long line that comes byte by byte is put together', async () => {
  const value = 'x'.repeat(1000);
  expect(await read(encodeLine(value), { pieces: 1003, maxBytes: 2000 })).toEqual([value]);
});

test('an unfinished line and noise are refused', async () => {
  await expect(read('1\n2')).rejects.toMatchObject({ code: 'upload-truncated' });
  await expect(read('1\n\n')).rejects.toMatchObject({ code: 'input-invalid' });
  await expect(read('{"a":\n')).rejects.toMatchObject({ code: 'input-invalid' });
});
