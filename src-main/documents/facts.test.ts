import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { DocumentFacts } from '../../src-preload/contract/views.ts';
import { combineFacts, createFactsReader } from './facts.ts';
import { readFacts } from './testing/read-facts.ts';
import { anyDocument, samples } from './testing/samples.ts';

const formats = [...new Set(samples.map(({ format }) => format))];

describe('facts of any document', () => {
  it.each(samples)('$name', ({ format, bytes, facts }) => {
    expect(readFacts(format, bytes)).toEqual(facts);
    expect(readFacts(format, bytes, 1)).toEqual(facts);
  });

  it('are the same for every chunking', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...samples),
        fc.array(fc.nat(300), { minLength: 1 }),
        ({ format, bytes, facts }, sizes) => {
          const reader = createFactsReader(format);
          for (let at = 0, next = 0; at < bytes.length; next++) {
            const size = sizes[next % sizes.length] ?? 0;
            const chunk = Buffer.from(bytes.subarray(at, at + size + (next % 50 === 49 ? 1 : 0)));
            reader.write(chunk);
            at += chunk.length;
            chunk.fill(0); // a reader keeps no chunk
          }
          expect(reader.end()).toEqual(facts);
        }
      ),
      { numRuns: 300 }
    );
  });

  it('are well formed or absent whatever the bytes, in whatever chunks', () => {
    fc.assert(
      fc.property(anyDocument, fc.integer({ min: 1, max: 500 }), ({ format, bytes }, size) => {
        const facts = readFacts(format, bytes);
        expect(DocumentFacts.parse(facts)).toEqual(facts);
        expect(readFacts(format, bytes, size)).toEqual(facts);
      }),
      { numRuns: 2000 }
    );
  });

  it('are none of an unknown format, of nothing, and of another format', () => {
    expect(readFacts('text/plain', Buffer.from('hello'))).toEqual({});
    expect(readFacts('constructor', Buffer.from('hello'))).toEqual({});
    for (const format of formats) expect(readFacts(format, Buffer.alloc(0))).toEqual({});
    for (const { bytes, format } of samples)
      for (const other of formats.filter((one) => one !== format)) expect(readFacts(other, bytes)).toEqual({});
  });
});

describe('facts of several documents', () => {
  const [letter, a4, a3] = [
    { x: 21590, y: 27940 },
    { x: 21000, y: 29700 },
    { x: 29700, y: 42000 }
  ];

  it('add up', () => {
    expect(
      combineFacts([
        { pages: 2, color: false, media: [letter, a4] },
        { pages: 3, color: true, media: [a4, a3] }
      ])
    ).toEqual({ pages: 5, color: true, media: [a4, letter, a3] });
    expect(
      combineFacts([
        { pages: 1, color: false },
        { pages: 1, color: false }
      ])
    ).toEqual({ pages: 2, color: false });
  });

  it('are unknown where one is, but colour in one is colour', () => {
    expect(combineFacts([{ pages: 1, color: true, media: [a4] }, {}])).toEqual({ color: true });
    expect(combineFacts([{ pages: 1, color: false }, { pages: 1 }])).toEqual({ pages: 2 });
    expect(combineFacts([])).toEqual({});
  });
});
