import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import {
  createFramer,
  decodeAttributes,
  decodeMessage,
  decodeReply,
  encodeAttributes,
  encodeMessage,
  IppRefusal
} from './codec.ts';
import type { IppMessage, IppValue } from './message.ts';
import { anyAttributes, anyMessage } from './testing/arbitraries.ts';

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const begin = '0101 000b 00000001';
const bad = 'client-error-bad-request';
const large = 'client-error-request-entity-too-large';

/** The message, or the status of its refusal. */
function outcome(decode: (bytes: Uint8Array) => IppMessage, input: Uint8Array): IppMessage | string {
  try {
    return decode(input);
  } catch (error) {
    expect(error).toBeInstanceOf(IppRefusal);
    return (error as IppRefusal).status;
  }
}

/** Both readers refuse the input, or encode what they read to the same bytes. A request is read alike by both. */
function expectExact(input: Uint8Array): boolean {
  const [strict, lenient] = [outcome(decodeMessage, input), outcome(decodeReply, input)];
  for (const read of [strict, lenient]) {
    if (typeof read === 'string') expect([bad, large]).toContain(read);
    else expect(Buffer.from(encodeMessage(read)).equals(input)).toBe(true);
  }
  if (typeof strict !== 'string') expect(lenient).toEqual(strict);
  return typeof strict !== 'string';
}

describe('the codec', () => {
  it('returns every message that it wrote', () => {
    fc.assert(
      fc.property(anyMessage, (each) => {
        expect(decodeMessage(encodeMessage(each))).toEqual(each);
      }),
      { numRuns: 500 }
    );
  });

  it('keeps attributes for later, byte for byte', () => {
    fc.assert(
      fc.property(anyAttributes(), (each) => {
        const kept = encodeAttributes(each);
        expect(decodeAttributes(kept)).toEqual(each);
        expect(encodeAttributes(decodeAttributes(kept))).toEqual(kept);
      })
    );
  });

  it('keeps of a reply what is well formed', () => {
    const said = [
      { name: 'a', values: [{ tag: 0x21, value: Uint8Array.of(1) }] },
      {
        name: 'b',
        values: [
          {
            tag: 'begCollection' as const,
            value: [{ name: 'c', values: [{ tag: 0x41, value: Uint8Array.of(0xff) }] }]
          },
          { tag: 0x31, value: new Uint8Array(11) },
          { tag: 'integer' as const, value: 7 },
          { tag: 0x4b, value: Uint8Array.of(1) }
        ]
      }
    ];
    const reply = encodeMessage({ version: '2.0', code: 0, requestId: 1, groups: [{ tag: 4, attributes: said }] });
    expect(decodeReply(reply).groups[0]?.attributes).toEqual(said);
    expect(decodeAttributes(encodeAttributes(said))).toEqual([
      {
        name: 'b',
        values: [
          { tag: 'begCollection', value: [] },
          { tag: 'integer', value: 7 },
          { tag: 0x4b, value: Uint8Array.of(1) }
        ]
      }
    ]);
  });

  it('reads any bytes exactly or not at all', () => {
    const anything = fc.oneof(
      fc.uint8Array({ maxLength: 64 }),
      fc.uint8Array({ maxLength: 64 }).map((bytes) => Buffer.concat([hex(begin), bytes, hex('03')])),
      fc
        .array(fc.tuple(fc.integer({ min: 1, max: 255 }), fc.uint8Array({ maxLength: 12 })), { maxLength: 8 })
        .map((fields) =>
          Buffer.concat([
            hex(`${begin} 01`),
            ...fields.map(([tag, value]) => Buffer.concat([Buffer.of(tag, 0, 1, 0x61, 0, value.length), value])),
            hex('03')
          ])
        )
    );
    fc.assert(
      fc.property(anything, (input) => void expectExact(input)),
      { numRuns: 2000 }
    );
  });

  it('reads mutated messages exactly or not at all', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3), twice: fc.boolean() });
    let accepted = 0;
    fc.assert(
      fc.property(anyMessage, fc.array(mutation, { minLength: 1, maxLength: 3 }), (each, mutations) => {
        let input = Buffer.from(encodeMessage(each));
        for (const { at, byte, cut, twice } of mutations) {
          const place = at % (input.length + 1);
          const kept = input.subarray(Math.min(input.length, place + cut));
          const inserted = twice ? Buffer.of(byte, byte) : Buffer.of(byte);
          input = Buffer.concat([input.subarray(0, place), inserted, kept]);
        }
        if (expectExact(input)) accepted += 1;
      }),
      { numRuns: 1000 }
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('refuses every truncation and any byte too many', () => {
    fc.assert(
      fc.property(anyMessage, (each) => {
        const input = encodeMessage(each);
        for (const decode of [decodeMessage, decodeReply]) {
          for (let length = 0; length < input.length; length += 1) {
            expect(outcome(decode, input.subarray(0, length))).toBe(bad);
          }
          expect(outcome(decode, Buffer.concat([input, Buffer.of(0)]))).toBe(bad);
        }
      }),
      { numRuns: 20 }
    );
  });

  it('finds the document wherever the bytes are cut', () => {
    const sizes = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(anyMessage, fc.uint8Array({ maxLength: 40 }), sizes, (each, document, pieces) => {
        const input = Buffer.concat([encodeMessage(each), document]);
        const framer = createFramer();
        let offset = 0;
        for (let index = 0; offset < input.length; index += 1) {
          const end = offset + (pieces[index % pieces.length] ?? 1);
          const framed = framer.push(input.subarray(offset, end));
          offset = end;
          if (!framed) continue;
          expect(decodeMessage(framed.header)).toEqual(each);
          expect(Buffer.concat([framed.rest, input.subarray(offset)]).equals(Buffer.from(document))).toBe(true);
          expect(framer.prefix()).toEqual({ version: each.version, code: each.code, requestId: each.requestId });
          return;
        }
        throw new Error('the end of the attributes was not found');
      })
    );
  });

  it('writes values of every length', () => {
    for (const length of [...Array(1200).keys(), 0x7ffe, 0x7fff]) {
      const value = [{ name: 'a', values: [{ tag: 'keyword' as const, value: 'x'.repeat(length) }] }];
      expect(decodeAttributes(encodeAttributes([...value, ...value]))).toEqual([...value, ...value]);
    }
  });

  it.each<[string, IppValue]>([
    ['a value that is too long', { tag: 'octetString', value: new Uint8Array(0x8000) }],
    [
      'a language and a text that are too long together',
      { tag: 'textWithLanguage', value: { language: 'x'.repeat(0x4000), text: 'x'.repeat(0x4000) } }
    ],
    ['an integer of 33 bits', { tag: 'integer', value: 2 ** 32 }],
    ['a resolution in units of 200', { tag: 'resolution', value: { cross: 1, feed: 1, units: 200 } }],
    ['a date in month 13', { tag: 'dateTime', value: '2026-13-01T00:00:00.0+00:00' }],
    ['a date in another form', { tag: 'dateTime', value: '2026-11-22' }],
    ['an extension tag of 32 bits', { tag: 'extension', value: { tag: 0x80000000, bytes: new Uint8Array() } }],
    ['a delimiter for a tag', { tag: 0x0f, value: new Uint8Array() }],
    ['a tag of nine bits', { tag: 0x100, value: new Uint8Array() }],
    ['a collection of raw bytes', { tag: 0x34, value: new Uint8Array() }],
    ['a member without a value', { tag: 'begCollection', value: [{ name: 'a', values: [] }] }]
  ])('does not write %s', (_what, value) => {
    const groups = [{ tag: 1, attributes: [{ name: 'a', values: [value] }] }];
    expect(() => encodeMessage({ version: '2.0', code: 0, requestId: 1, groups })).toThrow(RangeError);
  });

  it.each<[string, Partial<IppMessage>]>([
    ['a version that is none', { version: '2' }],
    ['a version of 256', { version: '2.256' }],
    ['a code of 17 bits', { code: 0x10000 }],
    ['a group without a value', { groups: [{ tag: 1, attributes: [{ name: 'a', values: [] }] }] }],
    ['the end as a group', { groups: [{ tag: 3, attributes: [] }] }],
    ['the tag of a value as a group', { groups: [{ tag: 0x10, attributes: [] }] }]
  ])('does not write %s', (_what, change) => {
    const message = { version: '2.0', code: 0, requestId: 1, groups: [], ...change };
    expect(() => encodeMessage(message)).toThrow(RangeError);
  });
});

describe('bounds', () => {
  /** Depth times a collection with one member, itself a collection. */
  const nested = (depth: number) =>
    hex(
      `${begin} 01 34 0001 61 0000 ${'4a 0000 0001 61  34 0000 0000'.repeat(depth - 1)} ${'37 0000 0000'.repeat(depth)} 03`
    );
  const { ippCollectionDepth, ippGroups, ippAttributes, ippValuesPerAttribute, ippValues, ippHeader } = limits;
  const members = (count: number) => `34 0000 0000 ${'4a 0000 0001 61 13 0000 0000'.repeat(count)} 37 0000 0000`;

  it.each([
    ['a nesting bomb', nested(50_000)],
    ['one level too many', nested(ippCollectionDepth + 1)],
    ['many groups', hex(`${begin} ${'02'.repeat(ippGroups + 1)} 03`)],
    ['many attributes', hex(`${begin} 01 ${'13 0001 61 0000'.repeat(ippAttributes + 1)} 03`)],
    ['many members', hex(`${begin} 01 13 0001 61 0000 ${members(ippAttributes + 1)} 03`)],
    [
      'many values of one attribute',
      hex(`${begin} 01 13 0001 61 0000 ${'13 0000 0000'.repeat(ippValuesPerAttribute)} 03`)
    ],
    ['many values in all', hex(`${begin} 01 13 0001 61 0000 ${members(4000).repeat(Math.ceil(ippValues / 4000))} 03`)],
    ['a long header', Buffer.concat([hex(`${begin} 01`), Buffer.alloc(ippHeader, 2), hex('03')])]
  ])('%s', (_what, input) => {
    expect(outcome(decodeMessage, input)).toBe(large);
    expect(outcome(decodeReply, input)).toBe(large);
  });

  it('lets the deepest nesting that is allowed through', () => {
    expect(expectExact(nested(ippCollectionDepth))).toBe(true);
  });

  it('are met while the bytes arrive, not after', () => {
    expect(() => createFramer().push(hex(`${begin} 01 44 0001 61 8000`))).toThrow(bad);
    expect(() => createFramer(100).push(hex(`${begin} 01 44 0001 61 7fff`))).toThrow(large);
    const endless = createFramer();
    expect(() => {
      for (;;) endless.push(Buffer.alloc(65536, 0x02));
    }).toThrow(large);
  });
});
