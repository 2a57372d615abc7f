import { parentPort, workerData } from 'node:worker_threads';
import { limits } from '../../base/limits.ts';
import { boundDecoding } from './decoding-bound.ts';
import { picturePage } from './picture-page.ts';
import type { Stamped, StampOrder, Unstampable } from './port.ts';
import { stampPdf } from './stamp-pdf.ts';

/**
 * The thread that stamps one document and ends. Nothing of a document leaves it but the stamped document: what pdf-lib says of a
 * wrong one is not passed on.
 */
export async function runStampThread(): Promise<void> {
  const { format, bytes, mark, sheet } = workerData as StampOrder;
  boundDecoding(limits.watermarkDecoded);
  let stamped: Stamped;
  try {
    const pdf = format === 'image/jpeg' ? await picturePage(bytes, sheet) : bytes;
    const made = await stampPdf(pdf, mark);
    stamped = made.length > limits.watermarkStamped ? { refused: 'demanding' } : { bytes: new Uint8Array(made) };
  } catch {
    stamped = { refused: reasonOf(bytes) };
  }
  parentPort?.postMessage(stamped, 'bytes' in stamped ? [stamped.bytes.buffer] : []);
}

/** pdf-lib notices most encrypted documents only by what it cannot read. */
const reasonOf = (bytes: Uint8Array): Unstampable =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).includes('/Encrypt') ? 'encrypted' : 'broken';
