import { maxFieldLength } from './decode.ts';
import type { IppAttribute, IppMessage, IppValue } from './message.ts';
import { tagNumber } from './registry.ts';
import { encodeValue } from './values.ts';

/**
 * Writes the attribute part of a message (RFC 8010 section 3.1), up to and with the end-of-attributes tag. Throws
 * RangeError for what has no encoding: that is a mistake of the caller, never of the other side.
 */
export function encodeMessage(message: IppMessage): Uint8Array {
  const output = byteWriter();
  const [major = 0, minor = 0] = message.version.split('.').map(Number);
  output.octets(major, minor);
  output.short(message.code);
  output.integer(message.requestId);
  for (const group of message.groups) {
    output.octets(tagNumber(group.tag));
    for (const attribute of group.attributes) writeAttribute(output, attribute);
  }
  output.octets(tagNumber('end-of-attributes-tag'));
  return output.done();
}

type ByteWriter = ReturnType<typeof byteWriter>;
const none = new Uint8Array();

function writeAttribute(output: ByteWriter, { name, values }: IppAttribute): void {
  if (name === '' || values.length === 0) throw new RangeError('an attribute needs a name and a value');
  values.forEach((value, index) => {
    writeValue(output, index === 0 ? Buffer.from(name, 'utf8') : none, value);
  });
}

function writeValue(output: ByteWriter, name: Uint8Array, value: IppValue): void {
  if (value.tag !== 'begCollection') {
    output.field(tagNumber(value.tag), name, encodeValue(value));
    return;
  }
  output.field(tagNumber('begCollection'), name, none);
  for (const member of value.value) {
    if (member.name === '' || member.values.length === 0) throw new RangeError('a member needs a name and a value');
    output.field(tagNumber('memberAttrName'), none, Buffer.from(member.name, 'utf8'));
    for (const memberValue of member.values) writeValue(output, none, memberValue);
  }
  output.field(tagNumber('endCollection'), none, none);
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
  const octets = (...values: number[]): void => {
    const offset = reserve(values.length);
    buffer.set(values, offset);
  };
  const counted = (bytes: Uint8Array): void => {
    if (bytes.length > maxFieldLength) throw new RangeError('a name or value is too long for IPP');
    const offset = reserve(2 + bytes.length);
    buffer.writeUInt16BE(bytes.length, offset);
    buffer.set(bytes, offset + 2);
  };
  return {
    octets,
    short(value: number): void {
      const offset = reserve(2);
      buffer.writeUInt16BE(value, offset);
    },
    integer(value: number): void {
      const offset = reserve(4);
      buffer.writeInt32BE(value, offset);
    },
    field(tag: number, name: Uint8Array, value: Uint8Array): void {
      octets(tag);
      counted(name);
      counted(value);
    },
    /** The bytes written, in memory of their own. */
    done: (): Uint8Array => Uint8Array.from(buffer.subarray(0, length))
  };
}
