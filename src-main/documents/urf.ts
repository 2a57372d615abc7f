import { inch } from './page-sizes.ts';
import { createRasterReader, type GreyRule, type RasterPage } from './raster.ts';
import type { FactsReader } from './reader.ts';

/**
 * Apple Raster ("image/urf", AirPrint). There is no public specification: the layout is that of CUPS (cups/raster-stream.c):
 * "UNIRAST\0", the number of pages (0 when not known, and not believed otherwise), then pages with a header of 32 bytes each,
 * big-endian.
 */
export const createUrfReader = (): FactsReader =>
  createRasterReader({
    leadBytes: 12,
    accepts: (lead) => lead.toString('latin1', 0, 8) === 'UNIRAST\0',
    headerBytes: 32,
    page
  });

/** By colour space: samples of a pixel, and how it shows grey. */
const colorSpaces: readonly (readonly [number, GreyRule | null])[] = [
  [1, 'always'], // grey, sRGB gamma
  [3, 'equal'], // sRGB
  [3, null], // CIE Lab
  [3, 'equal'], // Adobe RGB
  [1, 'always'], // device grey
  [3, 'equal'], // device RGB
  [4, 'key'] // device CMYK
];

function page(header: Buffer): RasterPage | null {
  const bitsPerPixel = header[0] ?? 0;
  const [samples, grey] = colorSpaces[header[1] ?? 0] ?? [0, null];
  const [width, rows, dotsPerInch] = [header.readUInt32BE(12), header.readUInt32BE(16), header.readUInt32BE(20)];
  const whole = bitsPerPixel === 8 * samples || bitsPerPixel === 16 * samples;
  const bits = samples === 1 && bitsPerPixel === 1;
  if ((!whole && !bits) || samples === 0 || dotsPerInch === 0) return null;
  return {
    rows,
    rowBytes: Math.ceil((width * bitsPerPixel) / 8),
    pixelBytes: Math.ceil(bitsPerPixel / 8),
    grey,
    size: [(width * inch) / dotsPerInch, (rows * inch) / dotsPerInch]
  };
}
