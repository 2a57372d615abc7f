import { decodePDFRawStream, PDFContext } from 'pdf-lib';

/**
 * Bounds what pdf-lib decodes in this thread, in all documents together: it unpacks the streams of a document's structure while it
 * reads it, without a limit, into memory that the limits of a worker do not count. The method that is replaced is the one place
 * where each of its decoders takes memory (pdf-lib 1.17.1, core/streams/DecodeStream.ts).
 */
export function boundDecoding(bytes: number): void {
  const anyDecoder = decodePDFRawStream(PDFContext.create().stream('', { Filter: 'RunLengthDecode' }));
  const prototype = Object.getPrototypeOf(Object.getPrototypeOf(anyDecoder)) as DecodeStream;
  const grow = prototype.ensureBuffer;
  let left = bytes;
  prototype.ensureBuffer = function ensureBuffer(requested) {
    const before = this.buffer.byteLength;
    const grown = grow.call(this, requested); // by doubling, so never by much more than what is left
    left -= grown.byteLength - before;
    if (left < 0) throw new RangeError('decodes to too much');
    return grown;
  };
}

interface DecodeStream {
  buffer: Uint8Array;
  ensureBuffer(requested: number): Uint8Array;
}
