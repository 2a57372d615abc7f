import type { Random } from './random.ts';

/** Damages a message in one of the ways that break parsers. Returns new bytes, at most `longest` of them. */
export function mutated(random: Random, input: Buffer, corpus: readonly Buffer[]): Buffer {
  let bytes: Buffer = Buffer.from(input);
  for (let count = random.chance(0.6) ? 1 : 1 + random.int(4); count > 0; count -= 1)
    bytes = random.pick(mutators)(random, bytes, corpus);
  return bytes.subarray(0, longest);
}

const longest = 200_000;

type Mutator = (random: Random, bytes: Buffer, corpus: readonly Buffer[]) => Buffer;

/** Some byte; biased to the first ones, where the length fields of the required attributes are. */
const place = (random: Random, bytes: Buffer): number =>
  random.int(random.chance(0.2) ? Math.min(bytes.length, 64) || 1 : bytes.length || 1);

function patched(bytes: Buffer, at: number, patch: Uint8Array): Buffer {
  const changed = Buffer.concat([bytes, Buffer.alloc(Math.max(0, at + patch.length - bytes.length))]);
  changed.set(patch, at);
  return changed;
}
const inserted = (bytes: Buffer, at: number, more: Uint8Array): Buffer =>
  Buffer.concat([bytes.subarray(0, at), more, bytes.subarray(at)]);

/** Where the fields of the message begin, as far as it can be read. */
function fieldsOf(bytes: Buffer): { start: number; end: number }[] {
  const fields: { start: number; end: number }[] = [];
  for (let at = 8; at < bytes.length && bytes[at] !== 3; ) {
    if ((bytes[at] ?? 0) < 0x10) {
      at += 1;
      continue;
    }
    if (at + 3 > bytes.length) break;
    const value = at + 3 + bytes.readUInt16BE(at + 1);
    if (value + 2 > bytes.length) break;
    const end = value + 2 + bytes.readUInt16BE(value);
    if (end > bytes.length) break;
    fields.push({ start: at, end });
    at = end;
  }
  return fields;
}
const fieldOf = (random: Random, bytes: Buffer): { start: number; end: number } => {
  const fields = fieldsOf(bytes);
  return fields.length > 0 ? random.pick(fields) : { start: Math.min(8, bytes.length), end: Math.min(8, bytes.length) };
};

const counted = (value: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(value.length >> 8, value.length & 0xff), value]);
const field = (tag: number, name: string, value: Uint8Array): Buffer =>
  Buffer.concat([Buffer.of(tag), counted(Buffer.from(name)), counted(value)]);
const none = Buffer.alloc(0);

const mutators: readonly Mutator[] = [
  function flipBit(random, bytes) {
    const at = place(random, bytes);
    return patched(bytes, at, Buffer.of((bytes[at] ?? 0) ^ (1 << random.int(8))));
  },
  function setByte(random, bytes) {
    return patched(
      bytes,
      place(random, bytes),
      Buffer.of(random.pick([0, 1, 3, 0x0f, 0x10, 0x34, 0x37, 0x4a, 0x7f, 0x80, 0xff]))
    );
  },
  function setLength(random, bytes) {
    const { start, end } = fieldOf(random, bytes);
    const nameEnd = start + 3 + (start + 3 <= bytes.length ? bytes.readUInt16BE(start + 1) : 0);
    const length = random.pick([0, 1, end - start, 0x7f, 0xff, 0x100, 0x7ffe, 0x7fff, 0x8000, 0xfffe, 0xffff]);
    return patched(bytes, random.chance(0.5) ? start + 1 : nameEnd, Buffer.of(length >> 8, length & 0xff));
  },
  function setTag(random, bytes) {
    return patched(bytes, fieldOf(random, bytes).start, Buffer.of(random.int(256)));
  },
  function truncate(random, bytes) {
    return bytes.subarray(0, place(random, bytes));
  },
  function cutOut(random, bytes) {
    const at = place(random, bytes);
    return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + random.int(8))]);
  },
  function insertBytes(random, bytes) {
    return inserted(bytes, place(random, bytes), random.bytes(1 + random.int(8)));
  },
  function splice(random, bytes, corpus) {
    const other = random.pick(corpus);
    const [from, to] = [fieldOf(random, bytes), fieldOf(random, other)];
    return Buffer.concat([bytes.subarray(0, from.start), other.subarray(to.start)]);
  },
  function borrowField(random, bytes, corpus) {
    const other = random.pick(corpus);
    const { start, end } = fieldOf(random, other);
    return inserted(bytes, fieldOf(random, bytes).start, other.subarray(start, end));
  },
  function repeatField(random, bytes) {
    const { start, end } = fieldOf(random, bytes);
    const one = bytes.subarray(start, end);
    const times = random.chance(0.99) ? 1 + random.int(5) : random.int(6000);
    const total = Math.min(times, Math.ceil(longest / (one.length || 1)));
    return inserted(bytes, end, Buffer.concat(Array.from({ length: total }, () => one)));
  },
  function dropField(random, bytes) {
    const { start, end } = fieldOf(random, bytes);
    return Buffer.concat([bytes.subarray(0, start), bytes.subarray(end)]);
  },
  function swapFields(random, bytes) {
    const [one, other] = [fieldOf(random, bytes), fieldOf(random, bytes)].sort((a, b) => a.start - b.start);
    if (!one || !other || other.start < one.end) return bytes;
    return Buffer.concat([
      bytes.subarray(0, one.start),
      bytes.subarray(other.start, other.end),
      bytes.subarray(one.end, other.start),
      bytes.subarray(one.start, one.end),
      bytes.subarray(other.end)
    ]);
  },
  function replaceValue(random, bytes) {
    const { start, end } = fieldOf(random, bytes);
    if (end - start < 5) return bytes;
    const nameEnd = start + 3 + bytes.readUInt16BE(start + 1);
    const value = random.bytes(random.pick([0, 1, 3, 4, 5, 8, 9, 11, 63, 64, 255, 256, 1024]));
    return Buffer.concat([bytes.subarray(0, nameEnd), counted(value), bytes.subarray(end)]);
  },
  function nest(random, bytes) {
    const depth = random.chance(0.99) ? 1 + random.int(10) : random.int(4000);
    const open = Buffer.concat([field(0x4a, '', Buffer.from('m')), field(0x34, '', none)]);
    const ends = random.chance(0.8) ? depth + 1 : random.int(depth + 1);
    const parts = [
      field(0x34, random.chance(0.8) ? 'media-col' : '', none),
      ...Array.from({ length: depth }, () => open),
      ...Array.from({ length: ends }, () => field(0x37, '', none))
    ];
    return inserted(bytes, fieldOf(random, bytes).end, Buffer.concat(parts));
  },
  function newGroup(random, bytes) {
    return inserted(bytes, fieldOf(random, bytes).end, Buffer.of(random.int(16)));
  },
  function manyGroups(random, bytes) {
    const times = random.chance(0.99) ? random.int(20) : random.int(6000);
    return inserted(bytes, fieldOf(random, bytes).end, Buffer.alloc(times, random.pick([1, 2, 4, 5, 6, 9, 15])));
  },
  function header(random, bytes) {
    return patched(
      bytes,
      random.int(8),
      random.chance(0.7) ? Buffer.of(random.pick([0, 1, 2, 0x40, 0x7f, 0x80, 0xff])) : random.bytes(1)
    );
  },
  function document(random, bytes) {
    return Buffer.concat([bytes, randomDocument(random)]);
  }
];

/** The beginning of a document, compressed ones too, and anything after it. */
export const randomDocument = (random: Random): Buffer =>
  Buffer.concat([random.pick(documents), random.bytes(random.int(64))]);

const documents: readonly Buffer[] = [
  Buffer.from('%PDF-1.7\n'),
  Buffer.from('RaS2PwgRaster\0'),
  Buffer.from('UNIRAST\0\0\0\0\x01'),
  Buffer.from('%!PS-Adobe-3.0\n'),
  Buffer.from('ffd8ffe0', 'hex'),
  Buffer.from('89504e470d0a1a0a', 'hex'),
  Buffer.from('1f8b0800000000000003', 'hex')
];
