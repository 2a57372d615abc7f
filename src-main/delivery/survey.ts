import { LetterlockError } from '../base/errors.ts';
import { firstBoolean, firstString, integersOf, stringsOf } from '../ipp/attributes.ts';
import { capabilityNames, encodeCapabilities, pickCapabilities } from '../ipp/capabilities.ts';
import type { IppPrinter } from '../ipp/client.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { operations } from '../ipp/registry.ts';

/** What a printer says of itself right before it is given a job. */
export interface PrinterSurvey {
  /** Create-Job and Send-Document: it tells the job-id before it gets a byte. Every printer knows Print-Job. */
  readonly createsJobs: boolean;
  /** Whether such a job may have several documents. */
  readonly multipleDocuments: boolean;
  /** For the directory: see ipp/capabilities.ts. */
  readonly capabilities: string;
  /** The document-format to declare for a document of this MIME type; null: the printer cannot print it. */
  formatFor(format: string): string | null;
}

/** Throws what asking throws, and the same as a refused job when the printer accepts none now (see `isBusy`). */
export async function surveyPrinter(printer: IppPrinter): Promise<PrinterSurvey> {
  const said = await printer.getPrinterAttributes(...capabilityNames, ...asked);
  if (firstBoolean(said, 'printer-is-accepting-jobs') === false)
    throw new LetterlockError('printer-refused', 'server-error-not-accepting-jobs');
  const can = integersOf(said, 'operations-supported');
  return {
    createsJobs: can.includes(operations['Create-Job']) && can.includes(operations['Send-Document']),
    multipleDocuments: firstBoolean(said, 'multiple-document-jobs-supported') === true,
    capabilities: encodeCapabilities(pickCapabilities(said)),
    formatFor: (format) => formatFor(format, said)
  };
}

const asked = [
  'document-format-supported',
  'multiple-document-jobs-supported',
  'operations-supported',
  'printer-device-id',
  'printer-is-accepting-jobs'
];

/**
 * A printer that detects formats (application/octet-stream, RFC 8011 section 5.1.10) is trusted with one that it does not
 * list only if its device id names the language: else it might print the source text.
 */
function formatFor(format: string, said: readonly IppAttribute[]): string | null {
  const wanted = format === 'application/vnd.cups-pdf' ? 'application/pdf' : format; // CUPS: a PDF that was prepared
  const listed = stringsOf(said, 'document-format-supported').map((each) => each.toLowerCase());
  if (listed.length === 0 || listed.includes(wanted.toLowerCase())) return wanted;
  const languages = /(?:^|;)\s*(?:CMD|COMMAND SET):([^;]*)/i.exec(firstString(said, 'printer-device-id') ?? '')?.[1];
  const detects = listed.includes('application/octet-stream') && language[wanted]?.test(languages ?? '');
  return detects ? 'application/octet-stream' : null;
}

/** Names of languages in the command set of a device id (IEEE 1284, PWG 5107.2). */
const language: Record<string, RegExp> = {
  'application/pdf': /\bPDF\b/i,
  'application/postscript': /\b(PS|PostScript)\b/i,
  'image/jpeg': /\bJPE?G\b/i,
  'image/png': /\bPNG\b/i,
  'image/pwg-raster': /\bPWG(Raster)?\b/i,
  'image/urf': /\b(URF|AppleRaster)\b/i
};
