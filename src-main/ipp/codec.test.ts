import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { limits } from '../base/limits.ts';
import { createFramer, decodeAttributes, decodeMessage, encodeAttributes, encodeMessage, IppRefusal } from './codec.ts';
import type { IppAttribute, IppMessage, IppValue } from './message.ts';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const utf8 = fc.string({ unit: 'binary', maxLength: 40 });
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 40 });
const two = (value: number) => String(value).padStart(2, '0');
const dateTime = fc
  .tuple(fc.nat(65535), fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 31 }), fc.nat(23), fc.nat(59))
  .chain(([year, month, day, hour, minute]) =>
    fc
      .tuple(fc.nat(60), fc.nat(9), fc.constantFrom('+', '-'), fc.nat(14), fc.nat(59))
      .map(([second, tenth, sign, h, m]) => {
        const date = `${String(year).padStart(4, '0')}-${two(month)}-${two(day)}`;
        return `${date}T${two(hour)}:${two(minute)}:${two(second)}.${tenth}${sign}${two(h)}:${two(m)}`;
      })
  );

/** Every syntax of RFC 8010, and value tags that no registry has. */
const simpleValue: fc.Arbitrary<IppValue> = fc.oneof(
  fc.record({ tag: fc.constantFrom('integer', 'enum'), value: int32 }),
  fc.record({ tag: fc.constant('boolean'), value: fc.boolean() }),
  fc.record({
    tag: fc.constantFrom(
      'textWithoutLanguage',
      'nameWithoutLanguage',
      'keyword',
      'uri',
      'uriScheme',
      'charset',
      'naturalLanguage',
      'mimeMediaType'
    ),
    value: utf8
  }),
  fc.record({
    tag: fc.constantFrom('textWithLanguage', 'nameWithLanguage'),
    value: fc.record({ language: utf8, text: utf8 })
  }),
  fc.record({ tag: fc.constant('rangeOfInteger'), value: fc.record({ lower: int32, upper: int32 }) }),
  fc.record({
    tag: fc.constant('resolution'),
    value: fc.record({ cross: int32, feed: int32, units: fc.integer({ min: -128, max: 127 }) })
  }),
  fc.record({ tag: fc.constant('dateTime'), value: dateTime }),
  fc.record({ tag: fc.constant('octetString'), value: bytes }),
  fc.record({
    tag: fc.constantFrom(
      'unsupported',
      'default',
      'unknown',
      'no-value',
      'not-settable',
      'delete-attribute',
      'admin-define'
    ),
    value: fc.constant(null)
  }),
  fc.record({ tag: fc.constantFrom(0x14, 0x1f, 0x20, 0x2f, 0x38, 0x40, 0x4b, 0x7f, 0xff), value: bytes })
) as fc.Arbitrary<IppValue>;

const attributesOf = (depth: number): fc.Arbitrary<IppAttribute[]> =>
  fc.array(fc.record({ name, values: fc.array(anyValue(depth), { minLength: 1, maxLength: 3 }) }), { maxLength: 4 });
const anyValue = (depth: number): fc.Arbitrary<IppValue> =>
  depth === 0
    ? simpleValue
    : fc.oneof(
        { weight: 6, arbitrary: simpleValue },
        {
          weight: 1,
          arbitrary: attributesOf(depth - 1).map((value): IppValue => ({ tag: 'begCollection', value }))
        }
      );
const message: fc.Arbitrary<IppMessage> = fc.record({
  version: fc.constantFrom('1.0', '1.1', '2.0', '2.2', '0.255'),
  code: fc.nat(0xffff),
  requestId: int32,
  groups: fc.array(
    fc.record({
      tag: fc.constantFrom(
        'operation-attributes-tag' as const,
        'job-attributes-tag' as const,
        'printer-attributes-tag' as const,
        'unsupported-attributes-tag' as const,
        'document-attributes-tag' as const,
        0x0a,
        0x0f
      ),
      attributes: attributesOf(3)
    }),
    { maxLength: 4 }
  )
});

const hex = (text: string) => Buffer.from(text.replaceAll(/\s/g, ''), 'hex');
const begin = '0101 000b 00000001';
/** Depth times a collection with one member, itself a collection. */
const nested = (depth: number) =>
  hex(
    `${begin} 01 34 0001 61 0000 ${'4a 0000 0001 61  34 0000 0000'.repeat(depth - 1)} ${'37 0000 0000'.repeat(depth)} 03`
  );
const statusOf = (input: Uint8Array): string => {
  try {
    decodeMessage(input);
    return 'accepted';
  } catch (error) {
    expect(error).toBeInstanceOf(IppRefusal);
    return (error as IppRefusal).status;
  }
};

describe('the codec', () => {
  it('returns every message that it wrote', () => {
    fc.assert(
      fc.property(message, (each) => {
        expect(decodeMessage(encodeMessage(each))).toEqual(each);
      })
    );
  });

  it('accepts mutated bytes only where they encode to themselves', () => {
    const mutation = fc.record({ at: fc.nat(), byte: fc.nat(255), cut: fc.nat(3), twice: fc.boolean() });
    let accepted = 0;
    fc.assert(
      fc.property(message, fc.array(mutation, { minLength: 1, maxLength: 3 }), (each, mutations) => {
        let input = Buffer.from(encodeMessage(each));
        for (const { at, byte, cut, twice } of mutations) {
          const place = at % (input.length + 1);
          const kept = input.subarray(Math.min(input.length, place + cut));
          input = Buffer.concat([
            input.subarray(0, place),
            Buffer.of(byte),
            twice ? Buffer.of(byte) : Buffer.of(),
            kept
          ]);
        }
        if (statusOf(input) !== 'accepted') return;
        accepted += 1;
        expect(Buffer.from(encodeMessage(decodeMessage(input))).equals(input)).toBe(true);
      }),
      { numRuns: 1000 }
    );
    expect(accepted).toBeGreaterThan(0);
  });

  it('refuses every truncation and any byte too many', () => {
    fc.assert(
      fc.property(message, (each) => {
        const input = encodeMessage(each);
        for (let length = 0; length < input.length; length += 1) {
          expect(statusOf(input.subarray(0, length))).toBe('client-error-bad-request');
        }
        expect(statusOf(Buffer.concat([input, Buffer.of(0)]))).toBe('client-error-bad-request');
      }),
      { numRuns: 20 }
    );
  });

  it('finds the document wherever the bytes are cut', () => {
    fc.assert(
      fc.property(message, bytes, fc.integer({ min: 1, max: 50 }), (each, document, size) => {
        const input = Buffer.concat([encodeMessage(each), document]);
        const framer = createFramer();
        for (let offset = 0; offset < input.length; offset += size) {
          const framed = framer.push(input.subarray(offset, offset + size));
          if (!framed) continue;
          expect(decodeMessage(framed.header)).toEqual(each);
          expect(Buffer.concat([framed.rest, input.subarray(offset + size)]).equals(Buffer.from(document))).toBe(true);
          return;
        }
        throw new Error('the end of the attributes was not found');
      })
    );
  });

  it('writes messages of every length', () => {
    for (let length = 0; length < 1200; length += 1) {
      const value = [{ name: 'a', values: [{ tag: 'keyword' as const, value: 'x'.repeat(length) }] }];
      expect(decodeAttributes(encodeAttributes([...value, ...value]))).toEqual([...value, ...value]);
    }
  });

  it('keeps attributes for later, tags and all', () => {
    const kept: IppAttribute[] = [
      {
        name: 'media-col',
        values: [{ tag: 'begCollection', value: [{ name: 'x', values: [{ tag: 'integer', value: -1 }] }] }]
      },
      { name: 'vendor', values: [{ tag: 0x7f, value: Uint8Array.of(1, 2, 3, 255) }] }
    ];
    expect(decodeAttributes(encodeAttributes(kept))).toEqual(kept);
  });
});

describe('hostile input', () => {
  const bad = 'client-error-bad-request';
  const large = 'client-error-request-entity-too-large';

  it.each([
    ['the eighteen bytes that kill the ipp package', hex(`${begin} 01 44 0001 61 8000 0000 00`), bad],
    ['a value length of 0xffff', hex(`${begin} 01 44 0001 61 ffff 03`), bad],
    ['a negative name length', hex(`${begin} 01 44 8001 61 0000 03`), bad],
    ['nothing', hex(''), bad],
    ['only a prefix', hex(begin), bad],
    ['an attribute before any group', hex(`${begin} 44 0001 61 0001 62 03`), bad],
    ['a first value without a name', hex(`${begin} 01 44 0000 0001 62 03`), bad],
    ['the reserved delimiter', hex(`${begin} 00 03`), bad],
    ['an integer of three bytes', hex(`${begin} 01 21 0001 61 0003 000000 03`), bad],
    ['a boolean of 2', hex(`${begin} 01 22 0001 61 0001 02 03`), bad],
    ['text that is not UTF-8', hex(`${begin} 01 41 0001 61 0002 c080 03`), bad],
    ['an out-of-band value with bytes', hex(`${begin} 01 13 0001 61 0001 00 03`), bad],
    ['a date in month 13', hex(`${begin} 01 31 0001 61 000b 07ea 0d 01 00 00 00 00 2b 00 00 03`), bad],
    ['a language longer than its value', hex(`${begin} 01 35 0001 61 0004 0009 0000 03`), bad],
    ['the end of a collection that did not begin', hex(`${begin} 01 37 0001 61 0000 03`), bad],
    ['a member outside a collection', hex(`${begin} 01 4a 0001 61 0001 62 03`), bad],
    ['a collection without an end', hex(`${begin} 01 34 0001 61 0000 03`), bad],
    ['a member without a value', hex(`${begin} 01 34 0001 61 0000 4a 0000 0001 62 37 0000 0000 03`), bad],
    ['a value before any member', hex(`${begin} 01 34 0001 61 0000 21 0000 0004 00000001 37 0000 0000 03`), bad],
    ['a named field inside a collection', hex(`${begin} 01 34 0001 61 0000 4a 0001 61 0001 62 03`), bad],
    ['a nesting bomb', nested(100_000), large],
    ['nine levels', nested(limits.ippCollectionDepth + 1), large],
    ['eight levels', nested(limits.ippCollectionDepth), 'accepted'],
    ['many groups', hex(`${begin} ${'02'.repeat(limits.ippGroups + 1)} 03`), large],
    ['many attributes', hex(`${begin} 01 ${'13 0001 61 0000'.repeat(limits.ippAttributes + 1)} 03`), large],
    [
      'many values',
      hex(`${begin} 01 13 0001 61 0000 ${'13 0000 0000'.repeat(limits.ippValuesPerAttribute)} 03`),
      large
    ],
    ['a long header', Buffer.concat([hex(`${begin} 01`), Buffer.alloc(limits.ippHeader, 2), hex('03')]), large]
  ])('%s', (_what, input, status) => {
    expect(statusOf(input)).toBe(status);
  });

  it('is refused while it arrives, not after', () => {
    expect(() => createFramer().push(hex(`${begin} 01 44 0001 61 8000`))).toThrow(bad);
    expect(() => createFramer(100).push(hex(`${begin} 01 44 0001 61 7fff`))).toThrow(large);
    const endless = createFramer();
    expect(() => {
      for (;;) endless.push(Buffer.alloc(65536, 0x02));
    }).toThrow(large);
  });
});
