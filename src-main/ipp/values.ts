import { isUtf8 } from 'node:buffer';
import type { IppValue, OutOfBandTag, TextTag } from './message.ts';
import { tagName } from './registry.ts';

/**
 * The value syntaxes of RFC 8010 section 3.9, each as a pair that is exact: what decodes encodes to the same bytes, and
 * anything else is no value of that syntax. Collections are not here: they span fields (decode.ts, encode.ts).
 */
type SimpleValue = Exclude<IppValue, { tag: 'begCollection' }>;

/** One value from its tag number and the bytes of its value field; null if the bytes are not of the tag's syntax. */
export function decodeValue(tag: number, bytes: Buffer): SimpleValue | null {
  const name = tagName(tag);
  if (isTextTag(name)) return isUtf8(bytes) ? { tag: name, value: bytes.toString('utf8') } : null;
  if (isOutOfBandTag(name)) return bytes.length === 0 ? { tag: name, value: null } : null;
  switch (name) {
    case 'integer':
    case 'enum':
      return bytes.length === 4 ? { tag: name, value: bytes.readInt32BE() } : null;
    case 'boolean':
      return bytes.length === 1 && bytes.readUInt8() <= 1 ? { tag: name, value: bytes.readUInt8() === 1 } : null;
    case 'rangeOfInteger':
      if (bytes.length !== 8) return null;
      return { tag: name, value: { lower: bytes.readInt32BE(0), upper: bytes.readInt32BE(4) } };
    case 'resolution': {
      if (bytes.length !== 9) return null;
      const value = { cross: bytes.readInt32BE(0), feed: bytes.readInt32BE(4), units: bytes.readInt8(8) };
      return { tag: name, value };
    }
    case 'dateTime':
      return isDateTime(bytes) ? { tag: name, value: decodeDateTime(bytes) } : null;
    case 'textWithLanguage':
    case 'nameWithLanguage': {
      const value = decodeWithLanguage(bytes);
      return value && { tag: name, value };
    }
    case 'octetString':
      return { tag: name, value: new Uint8Array(bytes) };
    case 'extension':
      if (bytes.length < 4 || bytes.readUInt32BE() > maxExtensionTag) return null;
      return { tag: name, value: { tag: bytes.readUInt32BE(), bytes: new Uint8Array(bytes.subarray(4)) } };
    default:
      return { tag, value: new Uint8Array(bytes) };
  }
}

/** The bytes of a value field, those of UTF-8 as a string. Throws RangeError for what no value field can say. */
export function encodeValue(value: SimpleValue): Uint8Array | string {
  switch (value.tag) {
    case 'integer':
    case 'enum':
      return integers(value.value);
    case 'boolean':
      return Uint8Array.of(value.value ? 1 : 0);
    case 'rangeOfInteger':
      return integers(value.value.lower, value.value.upper);
    case 'resolution':
      return encodeResolution(value.value);
    case 'dateTime':
      return encodeDateTime(value.value);
    case 'textWithLanguage':
    case 'nameWithLanguage':
      return encodeWithLanguage(value.value);
    case 'extension':
      if (!within(value.value.tag, 0, maxExtensionTag)) throw new RangeError('an extension tag has 31 bits');
      return Buffer.concat([integers(value.value.tag), value.value.bytes]);
    default:
      return value.value ?? '';
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

const maxExtensionTag = 0x7fffffff;

function integers(...values: number[]): Buffer {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, index) => {
    bytes.writeInt32BE(value, 4 * index);
  });
  return bytes;
}

function encodeResolution({ cross, feed, units }: { cross: number; feed: number; units: number }): Buffer {
  const bytes = Buffer.concat([integers(cross, feed), Buffer.alloc(1)]);
  bytes.writeInt8(units, 8);
  return bytes;
}

/** Two counted strings and nothing else. */
function decodeWithLanguage(bytes: Buffer): { language: string; text: string } | null {
  const language = counted(bytes, 0);
  const text = language && counted(bytes, 2 + language.length);
  if (!text || bytes.length !== 4 + language.length + text.length) return null;
  return isUtf8(language) && isUtf8(text) ? { language: language.toString('utf8'), text: text.toString('utf8') } : null;
}

function counted(bytes: Buffer, offset: number): Buffer | null {
  if (offset + 2 > bytes.length) return null;
  const end = offset + 2 + bytes.readUInt16BE(offset);
  return end > bytes.length ? null : bytes.subarray(offset + 2, end);
}

function encodeWithLanguage(value: { language: string; text: string }): Buffer {
  const parts = [Buffer.from(value.language, 'utf8'), Buffer.from(value.text, 'utf8')];
  return Buffer.concat(parts.flatMap((part) => [Uint8Array.of(part.length >> 8, part.length & 0xff), part]));
}

/** RFC 2579 DateAndTime, its eleven-octet form: the only one that RFC 8010 allows. Offsets go to 14 hours: UTC+14 exists. */
function isDateTime(bytes: Uint8Array): boolean {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0, decisecond = 0] = bytes.subarray(2);
  const [sign = 0, offsetHour = 0, offsetMinute = 0] = bytes.subarray(8);
  return (
    bytes.length === 11 &&
    within(month, 1, 12) &&
    within(day, 1, 31) &&
    hour < 24 &&
    minute < 60 &&
    second < 61 &&
    decisecond < 10 &&
    (sign === plus || sign === minus) &&
    offsetHour < 15 &&
    offsetMinute < 60
  );
}

function decodeDateTime(bytes: Buffer): string {
  const [month = 0, day = 0, hour = 0, minute = 0, second = 0, decisecond = 0] = bytes.subarray(2);
  const [sign = 0, offsetHour = 0, offsetMinute = 0] = bytes.subarray(8);
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
  if (!isDateTime(bytes)) throw new RangeError('not a date as IPP writes it');
  return bytes;
}

const plus = 0x2b;
const minus = 0x2d;
const within = (value: number, lowest: number, highest: number): boolean => value >= lowest && value <= highest;
const digits = (value: number, length = 2): string => String(value).padStart(length, '0');
