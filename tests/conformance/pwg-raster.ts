import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

/**
 * White pages as PWG Raster (PWG 5102.4): the sample documents that the ipp-everywhere suite of CUPS names and doesn't
 * bring along.
 */
export async function writeRasterSamples(suite: string, folder: string): Promise<number> {
  const names = new Set(
    [...suite.matchAll(/FILE (pwg-raster-samples-(\d+)dpi\/([a-z0-9-]+)\/\S+)/g)].map(([, name]) => name ?? '')
  );
  for (const name of names) {
    const [, dpi = '', type = ''] = /-(\d+)dpi\/([a-z0-9-]+)\//.exec(name) ?? [];
    const file = join(folder, name);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, rasterDocument(type, Number(dpi), sheetOf(name), name.includes('/document') ? 4 : 1));
  }
  return names.size;
}

/** Bits per colour, bits per pixel, colours, colour space, and the value of white. */
const types: Record<string, readonly [number, number, number, number, number]> = {
  'black-1': [1, 1, 1, 3, 0],
  'sgray-8': [8, 8, 1, 18, 255],
  'srgb-8': [8, 24, 3, 19, 255],
  'srgb-16': [16, 48, 3, 19, 255],
  'cmyk-8': [8, 32, 4, 6, 0]
};

/** Inches. */
const sheetOf = (name: string): [number, number] =>
  name.includes('4x6') ? [4, 6] : name.includes('a4') ? [210 / 25.4, 297 / 25.4] : [8.5, 11];

function rasterDocument(type: string, dpi: number, [inchesX, inchesY]: [number, number], pages: number): Buffer {
  const [bitsPerColor, bitsPerPixel, colors, space, white] = types[type] ?? [8, 8, 1, 18, 255];
  const [width, height] = [Math.round(inchesX * dpi), Math.round(inchesY * dpi)];
  const bytesPerLine = Math.ceil((width * bitsPerPixel) / 8);
  const header = Buffer.alloc(1796);
  header.write('PwgRaster');
  const fields: [number, number][] = [
    [276, dpi], // HWResolution
    [280, dpi],
    [340, 1], // NumCopies
    [352, Math.round(inchesX * 72)], // PageSize
    [356, Math.round(inchesY * 72)],
    [372, width],
    [376, height],
    [384, bitsPerColor],
    [388, bitsPerPixel],
    [392, bytesPerLine],
    [400, space],
    [420, colors],
    [452, pages], // TotalPageCount
    [456, 1], // CrossFeedTransform
    [460, 1], // FeedTransform
    [472, width], // ImageBoxRight
    [476, height]
  ];
  for (const [offset, value] of fields) header.writeUInt32BE(value, offset);
  const page = Buffer.concat([header, whiteLines(bytesPerLine, height, Math.max(1, bitsPerPixel / 8), white)]);
  return Buffer.concat([Buffer.from('RaS2'), ...Array.from({ length: pages }, () => page)]);
}

/** Lines repeat up to 256 times, pixels up to 128 times: a count less one stands before what is repeated. */
function whiteLines(bytesPerLine: number, height: number, pixelBytes: number, white: number): Buffer {
  const runs = (total: number, longest: number): number[] =>
    Array.from({ length: Math.ceil(total / longest) }, (_, index) => Math.min(longest, total - index * longest) - 1);
  const pixel = Buffer.alloc(pixelBytes, white);
  const line = Buffer.concat(runs(bytesPerLine / pixelBytes, 128).flatMap((count) => [Buffer.of(count), pixel]));
  return Buffer.concat(runs(height, 256).flatMap((count) => [Buffer.of(count), line]));
}
