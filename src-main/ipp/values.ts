import type { IppValue, OutOfBandTag, TextTag } from './message.ts';
import { badRequest } from './refusal.ts';
import { tagName } from './registry.ts';

/**
 * The value syntaxes of RFC 8010 section 3.9, each as a pair that is exact: what decodes encodes to the same bytes, and
 * anything else is refused. Collections are not here: they span fields (decode.ts, encode.ts).
 */
type SimpleValue = Exclude<IppValue, { tag: 'begCollection' }>;

/** One value from its tag number and the bytes of its value field. */
export function decodeValue(tag: number, bytes: Buffer): SimpleValue {
  const name = tagName(tag);
  if (isTextTag(name)) return { tag: name, value: text(bytes) };
  if (isOutOfBandTag(name)) {
    expectLength(bytes, 0);
    return { tag: name, value: null };
  }
  switch (name) {
    case 'integer':
    case 'enum':
      expectLength(bytes, 4);
      return { tag: name, value: bytes.readInt32BE() };
    case 'boolean':
      expectLength(bytes, 1);
      if (bytes.readUInt8() > 1) throw badRequest('a boolean is 0 or 1');
      return { tag: name, value: bytes.readUInt8() === 1 };
    case 'rangeOfInteger':
      expectLength(bytes, 8);
      return { tag: name, value: { lower: bytes.readInt32BE(0), upper: bytes.readInt32BE(4) } };
    case 'resolution':
      expectLength(bytes, 9);
      return {
        tag: name,
        value: { cross: bytes.readInt32BE(0), feed: bytes.readInt32BE(4), units: bytes.readInt8(8) }
      };
    case 'dateTime':
      return { tag: name, value: decodeDateTime(bytes) };
    case 'textWithLanguage':
    case 'nameWithLanguage':
      return { tag: name, value: decodeWithLanguage(bytes) };
    case 'octetString':
      return { tag: name, value: Uint8Array.from(bytes) };
    default:
      return { tag, value: Uint8Array.from(bytes) };
  }
}

/** The bytes of a value field. */
export function encodeValue(value: SimpleValue): Uint8Array {
  switch (value.tag) {
    case 'integer':
    case 'enum':
      return integers(value.value);
    case 'boolean':
      return Uint8Array.of(value.value ? 1 : 0);
    case 'rangeOfInteger':
      return integers(value.value.lower, value.value.upper);
    case 'resolution':
      return Buffer.concat([integers(value.value.cross, value.value.feed), Uint8Array.of(value.value.units & 0xff)]);
    case 'dateTime':
      return encodeDateTime(value.value);
    case 'textWithLanguage':
    case 'nameWithLanguage':
      return encodeWithLanguage(value.value);
    default:
      if (value.value === null) return new Uint8Array();
      return typeof value.value === 'string' ? Buffer.from(value.value, 'utf8') : value.value;
  }
}

const textTags: ReadonlySet<string | undefined> = new Set<TextTag>([
  'textWithoutLanguage',
  'nameWithoutLanguage',
  'keyword',
  'uri',
  'uriScheme',
  'charset',
  'naturalLanguage',
  'mimeMediaType'
]);
const isTextTag = (name: string | undefined): name is TextTag => textTags.has(name);

const outOfBandTags: ReadonlySet<string | undefined> = new Set<OutOfBandTag>([
  'unsupported',
  'default',
  'unknown',
  'no-value',
  'not-settable',
  'delete-attribute',
  'admin-define'
]);
const isOutOfBandTag = (name: string | undefined): name is OutOfBandTag => outOfBandTags.has(name);

const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** UTF-8 that encodes to the same bytes. */
export function text(bytes: Uint8Array): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw badRequest('text is not UTF-8');
  }
}

function expectLength(bytes: Uint8Array, length: number): void {
  if (bytes.length !== length) throw badRequest('a value does not have the length of its syntax');
}

function integers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeInt32BE(value, 4 * index);
  });
  return bytes;
}

function decodeWithLanguage(bytes: Buffer): { language: string; text: string } {
  const language = counted(bytes, 0);
  const words = counted(bytes, 2 + language.length);
  expectLength(bytes, 4 + language.length + words.length);
  return { language: text(language), text: text(words) };
}

function counted(bytes: Buffer, offset: number): Buffer {
  if (offset + 2 > bytes.length) throw badRequest('a value with language is cut off');
  const end = offset + 2 + bytes.readUInt16BE(offset);
  if (end > bytes.length) throw badRequest('a value with language is cut off');
  return bytes.subarray(offset + 2, end);
}

function encodeWithLanguage(value: { language: string; text: string }): Buffer {
  const parts = [Buffer.from(value.language, 'utf8'), Buffer.from(value.text, 'utf8')];
  return Buffer.concat(parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]));
}

/** RFC 2579 DateAndTime, its eleven-octet form: the only one that RFC 8010 allows. */
function decodeDateTime(bytes: Buffer): string {
  expectLength(bytes, 11);
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0, decisecond = 0] = bytes.subarray(2);
  const [sign = 0, offsetHour = 0, offsetMinute = 0] = bytes.subarray(8);
  const valid =
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    hour < 24 &&
    minute < 60 &&
    second < 61 &&
    decisecond < 10 &&
    (sign === plus || sign === minus) &&
    offsetHour < 15 &&
    offsetMinute < 60;
  if (!valid) throw badRequest('a date is not one');
  const date = `${digits(bytes.readUInt16BE(), 4)}-${digits(month)}-${digits(day)}`;
  const time = `${digits(hour)}:${digits(minute)}:${digits(second)}.${decisecond}`;
  return `${date}T${time}${sign === plus ? '+' : '-'}${digits(offsetHour)}:${digits(offsetMinute)}`;
}

function encodeDateTime(value: string): Buffer {
  const match = /^(\d{4,5})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d)([+-])(\d\d):(\d\d)$/.exec(value);
  if (!match) throw new RangeError('not a date as IPP writes it');
  const [year = 0, month = 0, day = 0, hour = 0, minute = 0, second = 0, decisecond = 0] = match
    .slice(1, 8)
    .map(Number);
  const [offsetHour = 0, offsetMinute = 0] = match.slice(9).map(Number);
  const sign = match[8] === '+' ? plus : minus;
  const bytes = Buffer.of(0, 0, month, day, hour, minute, second, decisecond, sign, offsetHour, offsetMinute);
  bytes.writeUInt16BE(year);
  return bytes;
}

const plus = 0x2b;
const minus = 0x2d;
const within = (value: number, lowest: number, highest: number): boolean => value >= lowest && value <= highest;
const digits = (value: number, length = 2): string => String(value).padStart(length, '0');
