import { LetterlockError } from '../base/errors.ts';
import type { TxtRecord } from './port.ts';

/** A TXT record's strings (RFC 6763 section 6). Throws `input-invalid` for a key or a length that cannot be sent. */
export function encodeTxt(txt: TxtRecord): Buffer[] {
  const strings = Object.entries(txt).map(([key, value]) => {
    if (!/^[\x20-\x3c\x3e-\x7e]+$/.test(key)) throw new LetterlockError('input-invalid', 'key of a TXT record');
    const string = value === true ? Buffer.from(key) : Buffer.concat([Buffer.from(`${key}=`), Buffer.from(value)]);
    if (string.length > 255) throw new LetterlockError('input-invalid', `${key} in a TXT record is too long`);
    return string;
  });
  return strings.length > 0 ? strings : [Buffer.alloc(0)]; // never without any string (section 6.1)
}

/** Keys in lower case. The first of several equal keys counts; strings without a key are nothing (section 6.4). */
export function decodeTxt(strings: readonly Uint8Array[]): Map<string, Uint8Array | true> {
  const txt = new Map<string, Uint8Array | true>();
  for (const string of strings) {
    const equals = string.indexOf(0x3d);
    const key = Buffer.from(equals < 0 ? string : string.subarray(0, equals))
      .toString('latin1')
      .toLowerCase();
    if (key !== '' && !txt.has(key)) txt.set(key, equals < 0 ? true : string.subarray(equals + 1));
  }
  return txt;
}
