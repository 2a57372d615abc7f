import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromBase32hex, toBase32hex } from './base32hex.ts';

describe('base32hex', () => {
  // RFC 4648, section 10, without the padding.
  it.each([
    ['', ''],
    ['f', 'CO'],
    ['fo', 'CPNG'],
    ['foo', 'CPNMU'],
    ['foob', 'CPNMUOG'],
    ['fooba', 'CPNMUOJ1'],
    ['foobar', 'CPNMUOJ1E8']
  ])('of %j is as in the RFC', (plain, text) => {
    expect(toBase32hex(Buffer.from(plain))).toBe(text);
    expect(Buffer.from(fromBase32hex(text) ?? []).toString()).toBe(plain);
  });

  it('gives back any bytes, in the same text only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        expect(fromBase32hex(toBase32hex(bytes))).toEqual(bytes);
      })
    );
    for (const text of ['CP', 'C', 'CPN', 'CPNMUO', 'co', 'C=', 'CW', 'C ', 'CPNM\u00fc'])
      expect(fromBase32hex(text)).toBeNull();
  });
});
