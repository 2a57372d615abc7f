import { createCutter, type FactsReader } from './reader.ts';

/**
 * JPEG (ITU-T T.81): one page, grey or not by the number of components in the frame header. Pixels aren't looked at: an image
 * with three or four components counts as colour. Paper is up to the printer.
 */
export function createJpegReader(): FactsReader {
  let begun = false;
  let done = false;
  let components = 0;
  let skip = 0;

  const take = (bytes: Buffer): number => {
    let at = 0;
    if (!begun) {
      if (bytes.length < 2) return 0;
      done = bytes.readUInt16BE(0) !== startOfImage;
      begun = true;
      at = 2;
    }
    while (!done) {
      const skipped = Math.min(skip, bytes.length - at);
      skip -= skipped;
      at += skipped;
      if (bytes.length - at < 2) return at;
      const marker = bytes[at + 1] ?? 0;
      if (bytes[at] !== 0xff) done = true;
      else if (marker === 0xff)
        at++; // fill byte
      else if (bytes.length - at < 10) return at;
      else if (isFrame(marker)) {
        components = bytes[at + 9] ?? 0;
        done = true;
      } else if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda))
        done = true; // the scan, or no place for it
      else skip = 2 + bytes.readUInt16BE(at + 2);
    }
    return bytes.length;
  };

  const input = createCutter((bytes) => (done ? bytes.length : take(bytes)));
  return {
    write: input.write,
    end: () => (components === 1 || components === 3 || components === 4 ? { pages: 1, color: components > 1 } : {})
  };
}

const startOfImage = 0xffd8;

/** SOF0 to SOF15 without DHT, JPG and DAC, which lie between them (T.81 table B.1). */
const isFrame = (marker: number) => marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
