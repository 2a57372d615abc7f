import { begCollection, endOfAttributes, firstValueTag, maxFieldLength } from './decode.ts';
import type { IppAttribute, IppMessage, IppValue } from './message.ts';
import { tagNumber } from './registry.ts';
import { encodeValue } from './values.ts';

/**
 * Writes the attribute part of a message (RFC 8010 section 3.1), up to and with the end-of-attributes tag. Throws
 * RangeError for what has no encoding: that is a mistake of the caller, never of the other side.
 */
export function encodeMessage(message: IppMessage): Uint8Array {
  const output = byteWriter();
  const [major, minor] = message.version.split('.').map(Number);
  output.octet(major);
  output.octet(minor);
  output.short(message.code);
  output.integer(message.requestId);
  for (const group of message.groups) {
    const tag = tagNumber(group.tag);
    if (tag === 0 || tag === endOfAttributes || tag >= firstValueTag) throw new RangeError('not the tag of a group');
    output.octet(tag);
    for (const attribute of group.attributes) writeAttribute(output, attribute);
  }
  output.octet(endOfAttributes);
  return output.done();
}

type ByteWriter = ReturnType<typeof byteWriter>;

function writeAttribute(output: ByteWriter, { name, values }: IppAttribute): void {
  if (name === '' || values.length === 0) throw new RangeError('an attribute needs a name and a value');
  values.forEach((value, index) => {
    writeValue(output, index === 0 ? name : '', value);
  });
}

function writeValue(output: ByteWriter, name: string, value: IppValue): void {
  if (value.tag !== 'begCollection') {
    const tag = tagNumber(value.tag);
    if (tag < firstValueTag || tag === begCollection) throw new RangeError('not the tag of a value');
    output.field(tag, name, encodeValue(value));
    return;
  }
  output.field(begCollection, name, '');
  for (const member of value.value) {
    if (member.name === '' || member.values.length === 0) throw new RangeError('a member needs a name and a value');
    output.field(tagNumber('memberAttrName'), '', member.name);
    for (const memberValue of member.values) writeValue(output, '', memberValue);
  }
  output.field(tagNumber('endCollection'), '', '');
}

function byteWriter() {
  let buffer = Buffer.allocUnsafe(256);
  let length = 0;
  const reserve = (count: number): number => {
    if (length + count > buffer.length) {
      const larger = Buffer.allocUnsafe(2 * (length + count));
      buffer.copy(larger, 0, 0, length);
      buffer = larger;
    }
    length += count;
    return length - count;
  };
  // `reserve` may replace the buffer, so each offset is taken before the buffer is named
  const octet = (value: number | undefined): void => {
    if (value === undefined || !Number.isInteger(value)) throw new RangeError('not an octet');
    const offset = reserve(1);
    buffer.writeUInt8(value, offset);
  };
  const counted = (value: Uint8Array | string): void => {
    const count = typeof value === 'string' ? Buffer.byteLength(value) : value.length;
    if (count > maxFieldLength) throw new RangeError('a name or value is too long for IPP');
    const offset = reserve(2 + count);
    buffer.writeUInt16BE(count, offset);
    if (typeof value === 'string') buffer.write(value, offset + 2);
    else buffer.set(value, offset + 2);
  };
  return {
    octet,
    short(value: number): void {
      const offset = reserve(2);
      buffer.writeUInt16BE(value, offset);
    },
    integer(value: number): void {
      const offset = reserve(4);
      buffer.writeInt32BE(value, offset);
    },
    field(tag: number, name: string, value: Uint8Array | string): void {
      octet(tag);
      counted(name);
      counted(value);
    },
    /** The bytes written, in memory of their own. */
    done: (): Uint8Array => new Uint8Array(buffer.subarray(0, length))
  };
}
