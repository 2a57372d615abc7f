/** Pages for tests in PWG Raster or Apple Raster: rows are random mixtures of runs, of `colored` or grey pixels. */
export interface RasterSheet {
  readonly width: number;
  readonly rows: number;
  readonly pixelBytes: number;
  /** Numbers from 0 to 1 that decide about runs and values. */
  readonly random: () => number;
  readonly colored: boolean;
}

export function pwgRaster(pages: readonly { header: Buffer; body: Buffer }[]): Buffer {
  return Buffer.concat([Buffer.from('RaS2'), ...pages.flatMap(({ header, body }) => [header, body])]);
}

/** `space`: colour space of PWG 5102.4. */
export function pwgHeader(
  { width, rows, pixelBytes }: Pick<RasterSheet, 'width' | 'rows' | 'pixelBytes'>,
  { space, bits = 8, name = '' }: { space: number; bits?: number; name?: string }
): Buffer {
  const header = Buffer.alloc(1796);
  header.write('PwgRaster');
  header.write(name, 1732);
  const fields: [number, number][] = [
    [276, 300],
    [280, 300],
    [340, 5], // NumCopies
    [352, 595],
    [356, 842],
    [372, width],
    [376, rows],
    [384, bits],
    [388, pixelBytes * 8],
    [392, width * pixelBytes],
    [400, space],
    [452, 99] // TotalPageCount
  ];
  for (const [offset, value] of fields) header.writeUInt32BE(value, offset);
  return header;
}

export function urf(pages: readonly { header: Buffer; body: Buffer }[]): Buffer {
  return Buffer.concat([
    Buffer.from('UNIRAST\0\0\0\0\0', 'latin1'),
    ...pages.flatMap(({ header, body }) => [header, body])
  ]);
}

export function urfHeader({ width, rows, pixelBytes }: RasterSheet, space: number, dotsPerInch = 300): Buffer {
  const header = Buffer.alloc(32);
  header[0] = pixelBytes * 8;
  header[1] = space;
  header.writeUInt32BE(width, 12);
  header.writeUInt32BE(rows, 16);
  header.writeUInt32BE(dotsPerInch, 20);
  return header;
}

export function rasterBody({ width, rows, pixelBytes, random, colored }: RasterSheet): Buffer {
  const upTo = (most: number) => 1 + Math.floor(random() * most);
  const pixel = () => {
    const value = Math.floor(random() * 256);
    const bytes = Buffer.alloc(pixelBytes, value);
    if (colored) bytes[0] = value ^ 1;
    return bytes;
  };
  const pieces: Buffer[] = [];
  for (let row = 0; row < rows; ) {
    const repeat = Math.min(upTo(256), rows - row);
    row += repeat;
    pieces.push(Buffer.of(repeat - 1));
    for (let column = 0; column < width; ) {
      const run = Math.min(upTo(128), width - column);
      const literal = run > 1 && random() < 0.5;
      column += run;
      pieces.push(Buffer.of(literal ? 257 - run : run - 1));
      for (let index = 0; index < (literal ? run : 1); index++) pieces.push(pixel());
    }
  }
  return Buffer.concat(pieces);
}
