import { wipe } from '../../base/bytes.ts';
import { limits } from '../../base/limits.ts';
import { find, firstInteger, firstString } from '../../ipp/attributes.ts';
import { sizeOf } from '../../ipp/media.ts';
import type { IppAttribute } from '../../ipp/message.ts';
import { PolicyRefused } from '../../protocol/policy.ts';
import type { PrintTerms } from '../../protocol/print-terms.ts';
import type { DocumentReader } from '../documents.ts';
import type { DeliveryTicket } from '../ticket.ts';
import type { Size, Stamp, StampOrder, Unstampable } from './port.ts';

type Watermark = NonNullable<PrintTerms['watermark']>;

/** What is refused before anything is opened. Throws `policy-refused`. */
export function requireStampable({ documents }: DeliveryTicket, watermark: Watermark): void {
  for (const { format } of documents) {
    if (!stampable[format]) throw new PolicyRefused('watermark', watermark, `(${format} cannot be stamped)`);
  }
  const bytes = documents.reduce((sum, { size }) => sum + size, 0);
  if (bytes > limits.watermarkBytes)
    throw new PolicyRefused('watermark', watermark, `(${bytes} bytes; up to ${limits.watermarkBytes} can be stamped)`);
}

/**
 * A job's documents as they are printed under a watermark: read to the verified end, stamped, and kept in memory until they are
 * sent. Without `stamp` none is printed. Throws `policy-refused`, what reading throws, and the signal's reason.
 */
export async function stampDocuments(options: {
  readonly ticket: DeliveryTicket;
  readonly documents: DocumentReader;
  readonly watermark: Watermark;
  readonly stamp: Stamp | undefined;
  readonly signal: AbortSignal;
}): Promise<{ readonly ticket: DeliveryTicket; readonly documents: DocumentReader }> {
  const { ticket, documents, watermark, stamp, signal } = options;
  if (!stamp) throw new PolicyRefused('watermark', watermark, '(this node does not stamp)');
  const orders = await readAll(ticket, documents, watermark);
  const stamped: Uint8Array[] = [];
  for (const [index, order] of orders.entries()) {
    const result = await stamp(order, signal);
    if ('refused' in result)
      throw new PolicyRefused('watermark', watermark, `(document ${index + 1} ${refusals[result.refused]})`);
    stamped.push(result.bytes);
  }
  const format = 'application/pdf';
  return {
    ticket: {
      ...ticket,
      documents: ticket.documents.map((one, index) => ({ ...one, format, size: stamped[index]?.length ?? 0 }))
    },
    documents: inMemory(stamped)
  };
}

const stampable: Readonly<Record<string, StampOrder['format']>> = {
  'application/pdf': 'application/pdf',
  'application/vnd.cups-pdf': 'application/pdf',
  'image/jpeg': 'image/jpeg'
};

const refusals: Readonly<Record<Unstampable, string>> = {
  encrypted: 'is encrypted and cannot be stamped',
  broken: 'is not a sound file and cannot be stamped',
  demanding: 'takes too much memory or time to be stamped'
};

/** Nothing is made of a document before the last one was verified. */
async function readAll(
  { job, documents }: DeliveryTicket,
  reader: DocumentReader,
  { text, place }: Watermark
): Promise<StampOrder[]> {
  const orders: StampOrder[] = [];
  for (const [index, document] of documents.entries()) {
    const bytes = new Uint8Array(document.size);
    let at = 0;
    for await (const chunk of reader.read(index)) {
      bytes.set(chunk, at);
      at += chunk.length;
    }
    const format = stampable[document.format] ?? 'application/pdf';
    orders.push({ format, bytes, mark: { text, place }, sheet: sheetOf([document.template, job]) });
  }
  return orders;
}

/** As the job asks for it (PWG 5100.7, PWG 5101.1), else A4. In points. */
function sheetOf(sets: readonly (readonly IppAttribute[])[]): Size {
  for (const set of sets) {
    const column = find(set, 'media-col')?.values[0];
    const size = column?.tag === 'begCollection' ? find(column.value, 'media-size')?.values[0] : undefined;
    const asked = size?.tag === 'begCollection' ? size.value : sizeOf(firstString(set, 'media') ?? '');
    const [x, y] = ['x-dimension', 'y-dimension'].map((name) => firstInteger(asked ?? [], name) ?? 0);
    if (x && y && x > 0 && y > 0) return { width: points(x), height: points(y) };
  }
  return { width: points(21_000), height: points(29_700) };
}

/** From hundredths of a millimetre. */
const points = (length: number): number => (length * 72) / 2540;

function inMemory(documents: readonly Uint8Array[]): DocumentReader {
  return {
    async *read(index) {
      const bytes = documents[index] ?? new Uint8Array();
      for (let at = 0; at < bytes.length; at += chunkSize) yield bytes.subarray(at, at + chunkSize);
    },
    async close() {
      wipe(...documents);
    }
  };
}

const chunkSize = 64 * 1024;
