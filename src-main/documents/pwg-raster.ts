import { inch } from './page-sizes.ts';
import { createRasterReader, type GreyRule, type RasterPage } from './raster.ts';
import type { FactsReader } from './reader.ts';

/** PWG Raster (PWG 5102.4): a sync word, then pages with a header of 1796 bytes each, big-endian. */
export const createPwgRasterReader = (): FactsReader =>
  createRasterReader({
    leadBytes: 4,
    accepts: (lead) => lead.toString('latin1') === 'RaS2',
    headerBytes: 1796,
    page
  });

/** Offsets of PWG 5102.4 table 2. */
function page(header: Buffer): RasterPage | null {
  const [pointsX, pointsY] = [header.readUInt32BE(352), header.readUInt32BE(356)];
  const [width, rows] = [header.readUInt32BE(372), header.readUInt32BE(376)];
  const [bitsPerSample, bitsPerPixel] = [header.readUInt32BE(384), header.readUInt32BE(388)];
  const rowBytes = header.readUInt32BE(392);
  const [colorOrder, colorSpace] = [header.readUInt32BE(396), header.readUInt32BE(400)];
  const sensible =
    header.toString('latin1', 0, 10) === 'PwgRaster\0' &&
    colorOrder === 0 &&
    bitsPerPixel >= 1 &&
    bitsPerPixel <= mostBitsPerPixel &&
    rowBytes === Math.ceil((width * bitsPerPixel) / 8);
  if (!sensible) return null;
  return {
    rows,
    rowBytes,
    pixelBytes: Math.ceil(bitsPerPixel / 8),
    grey: greyRule(colorSpace, bitsPerSample, bitsPerPixel),
    size: namedSize(header) ?? [(pointsX * inch) / 72, (pointsY * inch) / 72]
  };
}

/** 15 colours of 16 bits. */
const mostBitsPerPixel = 240;

/** Colour spaces of PWG 5102.4 table 8 whose grey is plain: others are left open. */
function greyRule(colorSpace: number, bitsPerSample: number, bitsPerPixel: number): GreyRule | null {
  const samples = bitsPerPixel / bitsPerSample;
  const [black, cmyk, greyOfLight, rgbs] = [3, 6, 18, [1, 19, 20]];
  if ((colorSpace === black || colorSpace === greyOfLight) && samples === 1) return 'always';
  if (bitsPerSample !== 8 && bitsPerSample !== 16) return null;
  if (rgbs.includes(colorSpace) && samples === 3) return 'equal';
  return colorSpace === cmyk && samples === 4 ? 'key' : null;
}

/** The exact size from a self-describing name ("iso_a4_210x297mm", PWG 5101.1), where PageSize has whole points only. */
function namedSize(header: Buffer): [number, number] | null {
  const name = header.toString('latin1', 1732, 1796);
  const [, x, y, unit] = /^[\w.-]+_(\d{1,5}(?:\.\d{1,4})?)x(\d{1,5}(?:\.\d{1,4})?)(mm|in)\0/.exec(name) ?? [];
  const scale = unit === 'mm' ? 100 : inch;
  const size: [number, number] = [Number(x) * scale, Number(y) * scale];
  const agrees = (length: number, points: number) => Math.abs((length * 72) / inch - points) <= 1;
  return agrees(size[0], header.readUInt32BE(352)) && agrees(size[1], header.readUInt32BE(356)) ? size : null;
}
