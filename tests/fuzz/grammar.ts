import { capabilityNames } from '../../src-main/ipp/capabilities.ts';
import { decodeMessage, encodeMessage } from '../../src-main/ipp/codec.ts';
import type { GroupTag, IppAttribute, IppGroup, IppValue, OutOfBandTag, TextTag } from '../../src-main/ipp/message.ts';
import { operations } from '../../src-main/ipp/registry.ts';
import type { Random } from './random.ts';

/**
 * Requests that are well formed and, for the rest, anything: every syntax under any name, in any group, collections in
 * collections. Most begin as a request has to, so that they get past the first checks.
 */
export function randomRequest(random: Random): Buffer {
  const plausible = random.chance(0.8);
  return Buffer.from(
    encodeMessage({
      version: plausible ? random.pick(['1.0', '1.1', '2.0']) : `${random.int(4)}.${random.int(256)}`,
      code: plausible ? random.pick(operationCodes) : random.int(0x10000),
      requestId: plausible ? 1 + random.int(0x7fffffff) : random.int(2 ** 32) - 2 ** 31,
      groups: [...(plausible ? [operationGroup(random)] : []), ...many(random, 3, () => anyGroup(random))]
    })
  );
}

/**
 * A recorded request that says something else: other values, attributes more or fewer, another operation. It stays well
 * formed, so that what is behind the first checks gets to read it.
 */
export function reworded(random: Random, request: Buffer): Buffer {
  const message = decodeMessage(request);
  if (random.chance(0.2)) message.code = random.pick(operationCodes);
  for (let changes = random.int(4); changes > 0; changes -= 1) {
    if (message.groups.length === 0 || random.chance(0.1)) message.groups.push(anyGroup(random));
    const { attributes } = random.pick(message.groups);
    const at = random.int(attributes.length + 1);
    const attribute = attributes[at];
    if (!attribute || random.chance(0.3)) attributes.push(...anyAttributes(random, 2));
    else if (random.chance(0.2)) attributes.splice(at, 1);
    else if (random.chance(0.5)) attribute.values = [anyValue(random, 0)];
    else attribute.values.push(anyValue(random, 0));
  }
  return Buffer.from(encodeMessage(message));
}

/** What a printer might say of itself: any syntax under the names that are asked for, some values breaking their own. */
export function randomReply(random: Random): Buffer {
  const attributes = many(random, 12, () => ({
    name: random.pick(capabilityNames),
    values: Array.from({ length: 1 + random.int(4) }, () =>
      random.chance(0.1) ? brokenValue(random) : anyValue(random, 0)
    )
  }));
  return Buffer.from(
    encodeMessage({
      version: '2.0',
      code: random.chance(0.9) ? 0 : random.int(0x600),
      requestId: 1,
      groups: [operationGroup(random), { tag: 'printer-attributes-tag', attributes }]
    })
  );
}

const brokenValue = (random: Random): IppValue => ({
  tag: random.pick([0x10, 0x13, 0x21, 0x22, 0x23, 0x31, 0x32, 0x33, 0x35, 0x36, 0x37, 0x41, 0x44, 0x4a, 0x7f]),
  value: random.bytes(random.pick([0, 1, 2, 3, 5, 7, 10]))
});

const operationCodes: readonly number[] = Object.values(operations);
const many = <T>(random: Random, most: number, make: () => T): T[] =>
  Array.from({ length: random.int(most + 1) }, make);

function operationGroup(random: Random): IppGroup {
  const attributes: IppAttribute[] = [
    { name: 'attributes-charset', values: [{ tag: 'charset', value: 'utf-8' }] },
    { name: 'attributes-natural-language', values: [{ tag: 'naturalLanguage', value: 'en' }] },
    { name: 'printer-uri', values: [{ tag: 'uri', value: 'ipp://localhost/ipp/print' }] }
  ];
  if (random.chance(0.5)) attributes.push({ name: 'job-id', values: [{ tag: 'integer', value: random.int(2 ** 31) }] });
  if (random.chance(0.5))
    attributes.push({ name: 'last-document', values: [{ tag: 'boolean', value: random.chance(0.8) }] });
  return { tag: 'operation-attributes-tag', attributes: [...attributes, ...anyAttributes(random, 3)] };
}

const anyGroup = (random: Random): IppGroup => ({
  tag: random.chance(0.9) ? random.pick(groupTags) : random.pick([0x0a, 0x0b, 0x0f]),
  attributes: anyAttributes(random, 5)
});
const groupTags: readonly GroupTag[] = [
  'job-attributes-tag',
  'job-attributes-tag',
  'printer-attributes-tag',
  'unsupported-attributes-tag',
  'subscription-attributes-tag',
  'event-notification-attributes-tag',
  'resource-attributes-tag',
  'document-attributes-tag'
];

const anyAttributes = (random: Random, most: number, depth = 0): IppAttribute[] =>
  many(random, most, () => ({
    name: random.chance(0.9) ? random.pick(names) : anyText(random) || 'x',
    values: [anyValue(random, depth), ...(random.chance(0.3) ? many(random, 4, () => anyValue(random, depth)) : [])]
  }));

function anyValue(random: Random, depth: number): IppValue {
  if (depth < 9 && random.chance(0.15)) {
    return { tag: 'begCollection', value: anyAttributes(random, 3, depth + 1) };
  }
  return random.pick(syntaxes)(random);
}

const integer = (random: Random): number =>
  random.chance(0.7) ? random.int(200) - 20 : random.pick([0, -1, 2 ** 31 - 1, -(2 ** 31), random.int(2 ** 31)]);
const two = (value: number): string => String(value).padStart(2, '0');

const syntaxes: readonly ((random: Random) => IppValue)[] = [
  (random) => ({ tag: random.pick(['integer', 'enum']), value: integer(random) }),
  (random) => ({ tag: 'boolean', value: random.chance(0.5) }),
  (random) => ({ tag: random.pick(textTags), value: anyText(random) }),
  (random) => ({ tag: random.pick(textTags), value: random.pick(keywords) }),
  (random) => ({
    tag: random.pick(['textWithLanguage', 'nameWithLanguage']),
    value: { language: anyText(random), text: anyText(random) }
  }),
  (random) => ({ tag: 'rangeOfInteger', value: { lower: integer(random), upper: integer(random) } }),
  (random) => ({
    tag: 'resolution',
    value: { cross: integer(random), feed: integer(random), units: random.int(256) - 128 }
  }),
  (random) => ({
    tag: 'dateTime',
    value: `${1900 + random.int(300)}-${two(1 + random.int(12))}-${two(1 + random.int(31))}T${two(random.int(24))}:${two(random.int(60))}:${two(random.int(61))}.${random.int(10)}${random.pick(['+', '-'])}${two(random.int(15))}:${two(random.int(60))}`
  }),
  (random) => ({ tag: 'octetString', value: random.bytes(random.int(20)) }),
  (random) => ({ tag: random.pick(outOfBandTags), value: null }),
  (random) => ({ tag: 'extension', value: { tag: random.int(2 ** 31), bytes: random.bytes(random.int(9)) } }),
  (random) => ({
    tag: random.pick([0x14, 0x20, 0x2f, 0x38, 0x40, 0x43, 0x4b, 0x7e, 0x80, 0xff]),
    value: random.bytes(random.int(9))
  })
];

function anyText(random: Random): string {
  if (random.chance(0.02)) return 'x'.repeat(random.pick([64, 255, 256, 1023, 1024, 16_000]));
  if (random.chance(0.7)) return random.pick(keywords);
  return Array.from({ length: random.int(12) }, () =>
    String.fromCodePoint(random.pick([0, 0x20, 0x2f, 0x41, 0xe4, 0x20ac, 0x1f5a8, 0xfffd]))
  ).join('');
}

const textTags: readonly TextTag[] = [
  'textWithoutLanguage',
  'nameWithoutLanguage',
  'keyword',
  'keyword',
  'uri',
  'uriScheme',
  'charset',
  'naturalLanguage',
  'mimeMediaType'
];
const outOfBandTags: readonly OutOfBandTag[] = [
  'unsupported',
  'default',
  'unknown',
  'no-value',
  'not-settable',
  'delete-attribute',
  'admin-define'
];

/** Names that mean something to a printer: whoever reads them has to bear every syntax under them. */
const names: readonly string[] = [
  ...['attributes-charset', 'attributes-natural-language', 'printer-uri', 'job-uri', 'job-id', 'requesting-user-name'],
  ...['job-name', 'document-name', 'document-format', 'compression', 'ipp-attribute-fidelity', 'last-document'],
  ...[
    'requested-attributes',
    'which-jobs',
    'limit',
    'my-jobs',
    'job-ids',
    'first-index',
    'message',
    'identify-actions'
  ],
  ...[
    'copies',
    'media',
    'media-col',
    'media-size',
    'x-dimension',
    'y-dimension',
    'media-source',
    'media-type',
    'sides'
  ],
  ...[
    'page-ranges',
    'number-up',
    'finishings',
    'finishings-col',
    'output-bin',
    'orientation-requested',
    'print-quality'
  ],
  ...[
    'print-color-mode',
    'printer-resolution',
    'job-hold-until',
    'job-priority',
    'job-sheets',
    'overrides',
    'vendor-x'
  ],
  ...[
    'multiple-document-handling',
    'job-mandatory-attributes',
    'job-password',
    'job-password-encryption',
    'job-storage'
  ],
  ...[
    'notify-pull-method',
    'notify-recipient-uri',
    'notify-events',
    'notify-user-data',
    'notify-charset',
    'notify-wait'
  ],
  ...['notify-lease-duration', 'notify-subscription-id', 'notify-subscription-ids', 'notify-sequence-numbers'],
  ...['notify-job-id', 'notify-time-interval', 'my-subscriptions', 'document-charset', 'document-natural-language']
];
const keywords: readonly string[] = [
  ...['', 'none', 'all', 'gzip', 'deflate', 'utf-8', 'en', 'application/pdf', 'application/octet-stream', 'image/urf'],
  ...['ipp://localhost/ipp/print', 'ipp://localhost/ipp/print/7', 'http://[', 'iso_a4_210x297mm', 'na_letter_8.5x11in'],
  ...['two-sided-long-edge', 'color', 'completed', 'not-completed', 'indefinite', 'no-hold', 'ippget', 'job-completed'],
  ...[
    'printer-state-changed',
    'media-col-database',
    'job-template',
    'printer-description',
    'media-col',
    'ann',
    'on',
    'off'
  ]
];
