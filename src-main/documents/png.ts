import { createCutter, type FactsReader } from './reader.ts';

/**
 * PNG (ISO/IEC 15948): one page, grey or not by the colour type in IHDR. An image with a palette is as grey as its palette.
 * Pixels aren't looked at: an image in red, green and blue counts as colour. Paper is up to the printer.
 */
export function createPngReader(): FactsReader {
  let begun = false;
  let done = false;
  let header = false;
  let color: boolean | undefined;
  let skip = 0;

  const take = (bytes: Buffer): number => {
    let at = 0;
    if (!begun) {
      if (bytes.length < signature.length) return 0;
      done = !bytes.subarray(0, signature.length).equals(signature);
      begun = true;
      at = signature.length;
    }
    while (!done) {
      const skipped = Math.min(skip, bytes.length - at);
      skip -= skipped;
      at += skipped;
      if (bytes.length - at < 8) return at;
      const length = bytes.readUInt32BE(at);
      const type = bytes.toString('latin1', at + 4, at + 8);
      const read = type === 'IHDR' || type === 'PLTE';
      if (read && length > mostPalette) done = true;
      else if (read && bytes.length - at < 8 + length) return at;
      else if (read) chunk(type, bytes.subarray(at + 8, at + 8 + length));
      else if (type === 'IDAT') done = true;
      else skip = length + 4; // and its CRC
      at += 8;
      if (read) skip = length + 4;
    }
    return bytes.length;
  };

  const chunk = (type: string, data: Buffer) => {
    if (type === 'PLTE') {
      if (color === undefined) color = data.some((value, index) => value !== data[index - (index % 3)]);
      return;
    }
    const colorType = data[9];
    header = data.length === 13 && colorType !== undefined && colorTypes.includes(colorType);
    done = !header;
    if (colorType !== palette) color = colorType === 2 || colorType === 6;
  };

  const input = createCutter((bytes) => (done ? bytes.length : take(bytes)));
  return {
    write: input.write,
    end: () => (header ? { pages: 1, ...(color !== undefined && { color }) } : {})
  };
}

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');
const mostPalette = 768;
const palette = 3;
const colorTypes = [0, 2, palette, 4, 6];
