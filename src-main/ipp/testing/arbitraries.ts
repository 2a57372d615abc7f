import fc from 'fast-check';
import type { IppAttribute, IppMessage, IppValue } from '../message.ts';

/** Arbitrary IPP for property tests: the whole attribute syntax of RFC 8010, and what no registry has. */
const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'binary', maxLength: 40 });
const name = fc.string({ unit: 'binary', minLength: 1, maxLength: 20 });
const bytes = fc.uint8Array({ maxLength: 40 });
const two = (value: number): string => String(value).padStart(2, '0');
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

/** One value that is no collection. */
export const anySimpleValue: fc.Arbitrary<IppValue> = fc.oneof(
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
    value: text
  }),
  fc.record({
    tag: fc.constantFrom('textWithLanguage', 'nameWithLanguage'),
    value: fc.record({ language: text, text })
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
  fc.record({ tag: fc.constant('extension'), value: fc.record({ tag: fc.nat(0x7fffffff), bytes }) }),
  fc.record({ tag: fc.constantFrom(0x14, 0x1f, 0x20, 0x2f, 0x38, 0x40, 0x4b, 0x7e, 0xff), value: bytes })
) as fc.Arbitrary<IppValue>;

const anyValue = (depth: number): fc.Arbitrary<IppValue> =>
  depth === 0
    ? anySimpleValue
    : fc.oneof(
        { weight: 6, arbitrary: anySimpleValue },
        { weight: 1, arbitrary: anyAttributes(depth - 1).map((value): IppValue => ({ tag: 'begCollection', value })) }
      );

/** Attributes in any order, with collections nested up to `depth`. */
export const anyAttributes = (depth = 3): fc.Arbitrary<IppAttribute[]> =>
  fc.array(fc.record({ name, values: fc.array(anyValue(depth), { minLength: 1, maxLength: 3 }) }), { maxLength: 4 });

export const anyMessage: fc.Arbitrary<IppMessage> = fc.record({
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
        'subscription-attributes-tag' as const,
        'event-notification-attributes-tag' as const,
        'document-attributes-tag' as const,
        0x0a,
        0x0f
      ),
      attributes: anyAttributes()
    }),
    { maxLength: 4 }
  )
});
