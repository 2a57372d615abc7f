import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { detectFormat, detectionBytes } from './detect.ts';

const detect = (text: string) => detectFormat(Buffer.from(text, 'latin1'));
const uel = '\x1b%-12345X';

describe('format detection', () => {
  it.each([
    ['%PDF-1.7\n', 'application/pdf'],
    [`${'x'.repeat(detectionBytes - 5)}%PDF-`, 'application/pdf'],
    ['RaS2PwgRaster\0', 'image/pwg-raster'],
    ['UNIRAST\0\0\0\0\x01', 'image/urf'],
    ['\xff\xd8\xff\xe0\0\x10JFIF', 'image/jpeg'],
    ['\x89PNG\r\n\x1a\n\0\0\0\rIHDR', 'image/png'],
    ['%!PS-Adobe-3.0\n', 'application/postscript'],
    ['\x04%!\n', 'application/postscript'],
    ['\x1bE\x1b&l0O', 'application/vnd.hp-PCL'],
    [`${uel}@PJL SET COPIES=2\r\n@PJL ENTER LANGUAGE = PostScript \r\n%!PS-Adobe-3.0`, 'application/postscript'],
    [`${uel}@PJL ENTER LANGUAGE=PDF\n%PDF-1.4`, 'application/pdf'],
    [`${uel}@PJL\r\n@PJL ENTER LANGUAGE=PCLXL\n) HP-PCL XL`, 'application/vnd.hp-PCLXL'],
    [`${uel}\x1bE`, null],
    [`${uel}@PJL ENTER LANGUAGE=constructor\n`, null],
    [`${'x'.repeat(detectionBytes - 4)}%PDF-1.7`, null],
    ['RaS3', null],
    ['UNIRAST', null],
    ['', null]
  ])('%j is %s', (first, format) => expect(detect(first)).toBe(format));

  it('what stands first wins over what is hidden behind it', () => {
    expect(detect('\xff\xd8\xff\xe0 %PDF-1.7')).toBe('image/jpeg');
    expect(detect('%!PS %PDF-1.7')).toBe('application/postscript');
  });

  it('never looks beyond the first bytes, and never throws', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 2048 }), (bytes) => {
        expect(detectFormat(bytes)).toBe(detectFormat(bytes.subarray(0, detectionBytes)));
      })
    );
  });
});
