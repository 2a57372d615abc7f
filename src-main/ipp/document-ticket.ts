import { detectFormat, detectionBytes } from '../documents/detect.ts';
import { find, firstString, groupOf } from './attributes.ts';
import type { Formats } from './document-formats.ts';
import { decompressed } from './document-stream.ts';
import type { IppAttribute } from './message.ts';
import type { IncomingDocument } from './port.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import type { IppRequest } from './request.ts';

/** What a request says of the document that follows it. */
export interface DocumentTicket {
  name?: string;
  /** MIME type in lower case. */
  format: string;
  compression: string;
  /** Document template attributes (PWG 5100.5), and the operation attributes that describe the document. */
  attributes: readonly IppAttribute[];
}

export const compressions = ['none', 'gzip', 'deflate'];
const anyFormat = 'application/octet-stream';

/** RFC 8011 sections 4.2.1.1 and 4.3.1.1. Throws IppRefusal. */
export function readDocumentTicket({ operation, message }: IppRequest, formats: Formats): DocumentTicket {
  const compression = firstString(operation, 'compression') ?? 'none';
  if (!compressions.includes(compression)) {
    throw new IppRefusal('client-error-compression-not-supported', 'compression is none, gzip or deflate', [
      ...[find(operation, 'compression')].flatMap((each) => each ?? [])
    ]);
  }
  checkFormat(operation, formats);
  const name = firstString(operation, 'document-name');
  return {
    ...(name === undefined ? {} : { name }),
    format: firstString(operation, 'document-format')?.toLowerCase() ?? anyFormat,
    compression,
    attributes: [
      ...operation.filter((each) => each.name.startsWith('document-') && !read.has(each.name)),
      ...groupOf(message, 'document-attributes-tag')
    ]
  };
}

/** Read above; all else that describes the document stays with it. */
const read: ReadonlySet<string> = new Set(['document-name', 'document-format']);

/** Throws client-error-document-format-not-supported. */
export function checkFormat(operation: readonly IppAttribute[], { supported }: Formats): void {
  const attribute = find(operation, 'document-format');
  if (!attribute) return;
  const [value] = attribute.values;
  if (value?.tag !== 'mimeMediaType') throw badRequest('document-format is a MIME type');
  if (!supported.has(value.value.toLowerCase())) {
    throw new IppRefusal('client-error-document-format-not-supported', 'see document-format-supported', [attribute]);
  }
}

/** The document as the intake takes it: uncompressed, its format known. Null: it is empty. Throws IppRefusal. */
export async function openDocument(
  { compression, format, ...rest }: DocumentTicket,
  bytes: AsyncIterable<Uint8Array>,
  formats: Formats
): Promise<IncomingDocument | null> {
  const { first, content } = await peek(
    decompressed(bytes, compression),
    format === anyFormat ? detectionBytes : magicBytes
  );
  if (first.length === 0) return null;
  return { ...rest, format: settleFormat(format, detectFormat(first), formats), content };
}

/**
 * What a document is: its own bytes count for more than its label, where both are clear (RFC 8011 section 5.4.21 leaves
 * that to the printer). A document of a kind that no printer takes is refused now, not when its owner stands at one.
 */
function settleFormat(declared: string, detected: string | null, { supported, unknown }: Formats): string {
  const label = declared === 'application/vnd.cups-pdf' ? 'application/pdf' : declared; // CUPS's name for a PDF to leave alone
  if (label !== anyFormat) {
    if (detected === null || detected === label || !pageLanguages.has(detected)) return label;
    if (supported.has(detected)) return detected;
    throw new IppRefusal('client-error-document-format-error', 'the document is not of the format it is said to be');
  }
  if (detected !== null && supported.has(detected)) return detected;
  if (unknown && (detected === null || !pageLanguages.has(detected))) return anyFormat;
  throw new IppRefusal('client-error-document-format-not-supported', 'no printer takes documents of this kind');
}

/** Formats whose first bytes leave no doubt; others, such as printer job languages, may be wrapped around any format. */
const pageLanguages: ReadonlySet<string> = new Set([
  'application/pdf',
  'application/postscript',
  'image/jpeg',
  'image/png',
  'image/pwg-raster',
  'image/urf'
]);

/** As many bytes as a magic number has: enough to see that a label is wrong, and nobody waits for more. */
const magicBytes = 16;

/** The first bytes, and all of them again. */
async function peek(chunks: AsyncGenerator<Uint8Array>, wanted: number) {
  const taken: Uint8Array[] = [];
  let length = 0;
  while (length < wanted) {
    const next = await chunks.next();
    if (next.done) break;
    taken.push(next.value);
    length += next.value.length;
  }
  async function* content(): AsyncGenerator<Uint8Array, void, undefined> {
    yield* taken.splice(0);
    yield* chunks;
  }
  return { first: Buffer.concat(taken).subarray(0, wanted), content: content() };
}
