import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { qrCode } from './qr-code.ts';

const link =
  'otpauth://totp/Letterlock%20Demo:admin?issuer=Letterlock%20Demo&secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&algorithm=SHA1&digits=6&period=30';
const digest = (text: string): string =>
  createHash('sha256')
    .update(
      qrCode(text)
        .map((row) => row.map(Number).join(''))
        .join('\n')
    )
    .digest('hex')
    .slice(0, 16);

describe('a QR code', () => {
  // Each of these was drawn and read back with jsQR 1.4.0.
  it.each([
    ['LETTERLOCK', 21, 'ef43d30b2c6a29cb'],
    ['é'.repeat(10), 25, '6be254600fa1e2b8'],
    ['z'.repeat(84), 37, '65f33d8709c7d4cc'],
    [link, 49, 'e39f0365107bb387'],
    ['y'.repeat(300), 69, 'bba5be6f30ab04e2'],
    ['x'.repeat(666), 97, '497df6c35a67d13f']
  ])('of %j is as another program reads it', (text, size, expected) => {
    expect(qrCode(text)).toHaveLength(size);
    expect(digest(text)).toBe(expected);
  });

  it('refuses what does not fit', () => {
    expect(() => qrCode('x'.repeat(667))).toThrow(RangeError);
  });
});
