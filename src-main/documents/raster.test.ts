import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { lehmer } from './testing/lehmer.ts';
import { pwgHeader, pwgRaster, type RasterSheet, rasterBody, urf, urfHeader } from './testing/raster-writer.ts';
import { readFacts } from './testing/read-facts.ts';

const pwg = (bytes: Uint8Array) => readFacts('image/pwg-raster', bytes);
const apple = (bytes: Uint8Array) => readFacts('image/urf', bytes);
const [black, sRgb, sGray, cmyk, deviceFour] = [3, 19, 18, 6, 51];
const sheet = (pixelBytes: number, colored: boolean, random: () => number = lehmer()): RasterSheet => ({
  width: 200,
  rows: 300,
  pixelBytes,
  random,
  colored
});
const page = (of: RasterSheet, space: number, options: { bits?: number; name?: string } = {}) => ({
  header: pwgHeader(of, { space, ...options }),
  body: rasterBody(of)
});
const size = { x: 20990, y: 29704 };

describe('PWG Raster', () => {
  it('counts pages by walking their rows, not copies, and not what the header promises', () => {
    const pages = [page(sheet(1, false), sGray), page(sheet(1, false), sGray), page(sheet(1, false), black)];
    expect(pwg(pwgRaster(pages))).toEqual({ pages: 3, color: false, media: [size] });
  });

  it('takes paper from the name where it agrees', () => {
    const named = (name: string) => pwg(pwgRaster([page(sheet(1, false), sGray, { name })])).media;
    expect(named('iso_a4_210x297mm')).toEqual([{ x: 21000, y: 29700 }]);
    expect(named('na_letter_8.5x11in')).toEqual([size]);
    expect(named('no size')).toEqual([size]);
  });

  it.each([
    ['red, green and blue', 3, 8, sRgb],
    ['the same with 16 bits', 6, 16, sRgb]
  ])('looks at pixels: %s', (_, pixelBytes, bits, space) => {
    const grey = page(sheet(pixelBytes, false), space, { bits });
    expect(pwg(pwgRaster([grey])).color).toBe(false);
    expect(pwg(pwgRaster([grey, page(sheet(pixelBytes, true), space, { bits })])).color).toBe(true);
  });

  it('looks at inks: only black is grey, and an unknown ink says nothing', () => {
    const one = (pixel: number[], space: number) =>
      pwg(
        pwgRaster([
          { header: pwgHeader({ width: 1, rows: 1, pixelBytes: 4 }, { space }), body: Buffer.of(0, 0, ...pixel) }
        ])
      );
    expect(one([0, 0, 0, 200], cmyk).color).toBe(false);
    expect(one([0, 0, 1, 200], cmyk).color).toBe(true);
    expect(one([0, 0, 0, 0], deviceFour)).toEqual({ pages: 1, media: [size] });
  });

  const small = { width: 4, rows: 3, pixelBytes: 1 };
  const header = pwgHeader(small, { space: sGray });
  const withRows = (...rows: number[]) => pwg(Buffer.concat([Buffer.from('RaS2'), header, Buffer.from(rows)]));

  it('takes every kind of run', () => {
    expect(withRows(1, 3, 7, 0, 253, 1, 2, 3, 4)).toMatchObject({ pages: 1 });
    expect(withRows(0, 128, 1, 0, 7, 128)).toMatchObject({ pages: 1 });
  });

  it.each([
    ['more pixels than a row has', [2, 4, 7]],
    ['more literal pixels than a row has', [2, 252, 1, 2, 3, 4, 5]],
    ['more rows than the page has', [3, 3, 7]],
    ['a page that breaks off', [1, 3, 7]],
    ['a row that breaks off', [2, 3]],
    ['bytes behind the last page', [2, 3, 7, 0]]
  ])('knows nothing after %s', (_, rows) => expect(withRows(...rows)).toEqual({}));

  it.each([
    [376, 0, 'no rows'],
    [372, 0, 'no columns'],
    [388, 0, 'no bits'],
    [388, 0xffffffff, 'too many bits'],
    [392, 5, 'rows of another length'],
    [396, 1, 'planes'],
    [0, 0, 'another class']
  ])('refuses a header (%i: %i) with %s', (offset, value) => {
    const bytes = pwgRaster([page(sheet(1, false), sGray)]);
    expect(pwg(bytes)).toMatchObject({ pages: 1 });
    bytes.writeUInt32BE(value, 4 + offset);
    expect(pwg(bytes)).toEqual({});
  });

  it('says nothing of paper that has no size', () => {
    const bytes = pwgRaster([page(sheet(1, false), sGray)]);
    bytes.writeUInt32BE(0, 4 + 352);
    expect(pwg(bytes)).toEqual({ pages: 1, color: false });
  });
});

describe('Apple Raster', () => {
  const colors: [number, number, boolean][] = [
    [1, 0, false],
    [3, 1, false],
    [3, 1, true],
    [3, 3, true],
    [1, 4, false],
    [6, 5, true],
    [4, 6, true]
  ];

  it.each(colors)('%i bytes a pixel in colour space %i, coloured %s', (pixelBytes, space, colored) => {
    const one = sheet(pixelBytes, colored);
    const document = urf([{ header: urfHeader(one, space), body: rasterBody(one) }]);
    expect(apple(document)).toEqual({ pages: 1, color: colored, media: [{ x: 1693, y: 2540 }] });
  });

  it.each([
    [0, 0, 'no bits'],
    [0, 7, 'odd bits'],
    [1, 9, 'an unknown colour space'],
    [23, 0, 'no resolution']
  ])('refuses a header (%i: %i) with %s', (offset, value) => {
    const one = sheet(1, false);
    const header = urfHeader(one, 0, 72);
    header[offset] = value;
    expect(apple(urf([{ header, body: rasterBody(one) }]))).toEqual({});
  });

  it('knows no grey of Lab', () => {
    const one = sheet(3, false);
    expect(apple(urf([{ header: urfHeader(one, 2), body: rasterBody(one) }])).color).toBeUndefined();
  });
});

it('counts any mixture of runs', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: 1, max: 300 }),
      fc.integer({ min: 1, max: 40 }),
      fc.noBias(fc.array(fc.double({ min: 0, max: 0.999, noNaN: true }), { minLength: 1, maxLength: 50 })),
      (width, rows, numbers) => {
        let next = 0;
        const one = { width, rows, pixelBytes: 3, colored: false, random: () => numbers[next++ % numbers.length] ?? 0 };
        const pages = [page(one, sRgb), page(one, sRgb)];
        expect(pwg(pwgRaster(pages))).toMatchObject({ pages: 2, color: false });
      }
    ),
    { numRuns: 50 }
  );
});
