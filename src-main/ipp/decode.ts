import { isUtf8 } from 'node:buffer';
import { limits } from '../base/limits.ts';
import type { GroupTag, IppAttribute, IppGroup, IppMessage, IppValue } from './message.ts';
import { badRequest, tooLarge } from './refusal.ts';
import { tagName, tagNumber } from './registry.ts';
import { decodeValue } from './values.ts';

/**
 * Reads the attribute part of a message (RFC 8010 section 3.1), from version to end-of-attributes tag. Bounded, and never
 * reads past the end. Two readers, both exact: what they accept encodes to the same bytes.
 *
 * Requests are read strictly. Replies come from printers, and real ones break the syntax of single values: text that is not
 * UTF-8, bytes under out-of-band tags, dates of zeros, memberAttrName outside a collection. In a reply such a value is kept as it
 * came, under its tag's number, where code that looks for its syntax does not find it; the rest of the reply stays readable.
 * What breaks the structure (lengths, an unclosed collection, a value without an attribute) is refused in both: any guess
 * at what was meant could be wrong.
 */
export const decodeMessage = (bytes: Uint8Array): IppMessage => decode(fieldReader(bytes, 'refuse'));

/** A printer's reply. Throws IppRefusal, as decodeMessage does. */
export const decodeReply = (bytes: Uint8Array): IppMessage => decode(fieldReader(bytes, 'keep'));

function decode(fields: FieldReader): IppMessage {
  const groups: IppGroup[] = [];
  for (let tag = fields.tag(); tag !== endOfAttributes; tag = fields.tag()) {
    if (tag < firstValueTag) {
      if (tag === 0) throw badRequest('the delimiter tag 0 is reserved');
      if (groups.length >= limits.ippGroups) throw tooLarge('too many groups');
      groups.push({ tag: (tagName(tag) as GroupTag | undefined) ?? tag, attributes: [] });
      continue;
    }
    const group = groups.at(-1);
    if (!group) throw badRequest('an attribute stands before the first group');
    readAttributeValue(fields, tag, group.attributes);
  }
  fields.expectEnd();
  return { ...fields.prefix, groups };
}

export interface IppPrefix {
  version: string;
  code: number;
  requestId: number;
}

/** The first eight bytes of a message. */
export function decodePrefix(bytes: Uint8Array): IppPrefix {
  const input = view(bytes);
  if (input.length < prefixLength) throw badRequest('the message is cut off');
  return {
    version: `${input.readUInt8(0)}.${input.readUInt8(1)}`,
    code: input.readUInt16BE(2),
    requestId: input.readInt32BE(4)
  };
}

export const prefixLength = 8;
export const firstValueTag = 0x10;
/** RFC 8010 section 3.2: lengths are SIGNED-SHORT, so a higher one is an attack or an accident. */
export const maxFieldLength = 0x7fff;
export const endOfAttributes = tagNumber('end-of-attributes-tag');
export const begCollection = tagNumber('begCollection');
const endCollection = tagNumber('endCollection');
const memberAttrName = tagNumber('memberAttrName');

type FieldReader = ReturnType<typeof fieldReader>;

/** One value: the first of a new attribute if it has a name, else one more of the attribute before it. */
function readAttributeValue(fields: FieldReader, tag: number, attributes: IppAttribute[]): void {
  const name = text(fields.bytes());
  if (name !== '') {
    if (attributes.length >= limits.ippAttributes) throw tooLarge('too many attributes');
    attributes.push({ name, values: [] });
  }
  const attribute = attributes.at(-1);
  if (!attribute) throw badRequest('the first value of a group has no name');
  addValue(attribute, readValue(fields, tag, fields.bytes(), 1));
}

function readValue(fields: FieldReader, tag: number, bytes: Buffer, depth: number): IppValue {
  fields.countValue();
  if (tag !== begCollection) {
    const outside = tag === endCollection || tag === memberAttrName;
    const value = outside ? null : decodeValue(tag, bytes);
    if (value) return value;
    if (fields.malformed === 'keep') return { tag, value: new Uint8Array(bytes) };
    throw badRequest(outside ? 'a member or end stands outside a collection' : 'a value is not of its syntax');
  }
  if (bytes.length > 0) throw badRequest('a collection begins with a value');
  if (depth > limits.ippCollectionDepth) throw tooLarge('collections are nested too deeply');
  return { tag: 'begCollection', value: readMembers(fields, depth) };
}

/** RFC 8010 section 3.1.6: members up to endCollection, each a memberAttrName field and the fields of its values. */
function readMembers(fields: FieldReader, depth: number): IppAttribute[] {
  const members: IppAttribute[] = [];
  for (;;) {
    const tag = fields.tag();
    if (tag < firstValueTag) throw badRequest('a collection does not end');
    if (fields.bytes().length > 0) throw badRequest('a field inside a collection has a name');
    const bytes = fields.bytes();
    const member = members.at(-1);
    if (tag !== endCollection && tag !== memberAttrName) {
      if (!member) throw badRequest('a member has no name');
      addValue(member, readValue(fields, tag, bytes, depth + 1));
      continue;
    }
    if (member?.values.length === 0) throw badRequest('a member has no value');
    if (tag === endCollection) {
      if (bytes.length > 0) throw badRequest('a collection ends with a value');
      return members;
    }
    if (bytes.length === 0) throw badRequest('a member has no name');
    if (members.length >= limits.ippAttributes) throw tooLarge('too many members');
    members.push({ name: text(bytes), values: [] });
  }
}

function addValue(attribute: IppAttribute, value: IppValue): void {
  if (attribute.values.length >= limits.ippValuesPerAttribute) throw tooLarge('too many values');
  attribute.values.push(value);
}

/** UTF-8 that encodes to the same bytes. */
function text(bytes: Buffer): string {
  if (!isUtf8(bytes)) throw badRequest('a name is not UTF-8');
  return bytes.toString('utf8');
}

function fieldReader(bytes: Uint8Array, malformed: 'refuse' | 'keep') {
  const input = view(bytes);
  const prefix = decodePrefix(input);
  if (input.length > limits.ippHeader) throw tooLarge('the attributes are too long');
  let offset = prefixLength;
  let values = 0;
  return {
    prefix,
    /** What becomes of a value that is not of its syntax. */
    malformed,
    tag(): number {
      const tag = input[offset];
      if (tag === undefined) throw badRequest('the message is cut off');
      offset += 1;
      return tag;
    },
    /** A length of two octets and as many bytes. */
    bytes(): Buffer {
      if (offset + 2 > input.length) throw badRequest('the message is cut off');
      const length = input.readUInt16BE(offset);
      if (length > maxFieldLength) throw badRequest('a length is negative');
      const start = offset + 2;
      offset = start + length;
      if (offset > input.length) throw badRequest('the message is cut off');
      return input.subarray(start, offset);
    },
    countValue(): void {
      values += 1;
      if (values > limits.ippValues) throw tooLarge('too many values');
    },
    expectEnd(): void {
      if (offset !== input.length) throw badRequest('bytes follow the attributes');
    }
  };
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
