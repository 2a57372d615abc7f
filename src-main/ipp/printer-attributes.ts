import {
  attribute,
  boolean,
  charset,
  collections,
  dateTime,
  enums,
  integer,
  keyword,
  mimeMediaType,
  nameAttribute,
  naturalLanguage,
  octetStrings,
  outOfBand,
  range,
  resolutions,
  textAttribute,
  uri
} from './attributes.ts';
import { mediaAttributes, mediaColDatabase } from './media.ts';
import type { IppAttribute } from './message.ts';
import type { PrinterState } from './port.ts';
import { enumValue, operations } from './registry.ts';

/**
 * What the virtual printer says about itself: the attributes of IPP Everywhere (PWG 5100.14) and what CUPS, macOS and
 * Windows look for. It takes what any printer can be asked for; finishings wait until a job's wishes are compared with the
 * printer that releases it.
 */
export const documentFormats = [
  'application/pdf',
  'application/vnd.cups-pdf', // CUPS then leaves PDFs as they are
  'image/pwg-raster',
  'image/urf',
  'image/jpeg',
  'application/octet-stream'
];
export const compressions = ['none', 'gzip', 'deflate'];
export const whichJobs = [
  'completed',
  'not-completed',
  'all',
  'aborted',
  'canceled',
  'pending',
  'pending-held',
  'processing',
  'processing-stopped'
];
/** Seconds that a job may wait for its document. */
export const multipleOperationTimeOut = 60;

export interface PrinterNow {
  name: string;
  uuid: string;
  /** `ipp://localhost:631/ipp/print`, in every scheme that is served, the one that was asked first. */
  uris: readonly string[];
  state: PrinterState;
  accepting: boolean;
  queued: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
  started: number;
  stateChanged: number;
}

/** Seconds since the printer started, from 1 as RFC 8011 section 5.4.29 demands. */
export const upTime = (at: number, started: number): number => Math.max(0, Math.floor((at - started) / 1000)) + 1;

/** The job-template group of Get-Printer-Attributes (RFC 8011 section 4.2.5.1). */
export const jobTemplateAttributes: readonly IppAttribute[] = [
  integer('copies-default', 1),
  range('copies-supported', 1, 9999),
  enums('finishings-default', 'none'),
  enums('finishings-ready', 'none'),
  enums('finishings-supported', 'none'),
  collections('finishings-col-default', [keyword('finishing-template', 'none')]),
  collections('finishings-col-ready', [keyword('finishing-template', 'none')]),
  keyword('finishings-col-supported', 'finishing-template'),
  integer('job-priority-default', 50),
  integer('job-priority-supported', 100),
  keyword('job-sheets-default', 'none'),
  keyword('job-sheets-supported', 'none'),
  keyword('multiple-document-handling-default', 'separate-documents-collated-copies'),
  keyword(
    'multiple-document-handling-supported',
    'separate-documents-uncollated-copies',
    'separate-documents-collated-copies'
  ),
  ...mediaAttributes,
  integer('number-up-default', 1),
  integer('number-up-supported', 1),
  enums('orientation-requested-default', 'portrait'),
  enums('orientation-requested-supported', 'portrait', 'landscape', 'reverse-landscape', 'reverse-portrait'),
  keyword('output-bin-default', 'auto'),
  keyword('output-bin-supported', 'auto', 'face-up', 'face-down'),
  keyword('overrides-supported', 'document-number', 'document-numbers', 'pages', 'media', 'media-col'),
  boolean('page-ranges-supported', true),
  keyword('print-color-mode-default', 'auto'),
  keyword('print-color-mode-supported', 'auto', 'color', 'monochrome'),
  keyword('print-content-optimize-default', 'auto'),
  keyword('print-content-optimize-supported', 'auto', 'graphic', 'photo', 'text', 'text-and-graphic'),
  enums('print-quality-default', 'normal'),
  enums('print-quality-supported', 'draft', 'normal', 'high'),
  keyword('print-rendering-intent-default', 'auto'),
  keyword('print-rendering-intent-supported', 'auto', 'perceptual', 'relative', 'saturation'),
  keyword('print-scaling-default', 'auto'),
  keyword('print-scaling-supported', 'auto', 'auto-fit', 'fill', 'fit', 'none'),
  resolutions('printer-resolution-default', 600),
  resolutions('printer-resolution-supported', 300, 600),
  keyword('sides-default', 'one-sided'),
  keyword('sides-supported', 'one-sided', 'two-sided-long-edge', 'two-sided-short-edge')
];

/** Printer description that never changes. */
const fixedDescription: readonly IppAttribute[] = [
  charset('charset-configured', 'utf-8'),
  charset('charset-supported', 'us-ascii', 'utf-8'),
  boolean('color-supported', true),
  keyword('compression-default', 'none'),
  keyword('compression-supported', ...compressions),
  mimeMediaType('document-format-default', 'application/octet-stream'),
  mimeMediaType('document-format-preferred', 'application/pdf'),
  mimeMediaType('document-format-supported', ...documentFormats),
  naturalLanguage('generated-natural-language-supported', 'en'),
  keyword('identify-actions-default', 'display'),
  keyword('identify-actions-supported', 'display'),
  keyword('ipp-features-supported', 'ipp-everywhere', 'ipp-everywhere-server'),
  keyword('ipp-versions-supported', '1.1', '2.0'),
  boolean('job-ids-supported', true),
  range('job-k-octets-supported', 0, 0x7fffffff),
  keyword(
    'job-creation-attributes-supported',
    ...[
      'document-format',
      'document-name',
      'ipp-attribute-fidelity',
      'job-name',
      'job-priority',
      'copies',
      'finishings'
    ],
    ...['finishings-col', 'media', 'media-col', 'multiple-document-handling', 'orientation-requested', 'output-bin'],
    ...['overrides', 'page-ranges', 'print-color-mode', 'print-content-optimize', 'print-quality'],
    ...['print-rendering-intent', 'print-scaling', 'printer-resolution', 'sides']
  ),
  boolean('multiple-document-jobs-supported', false),
  integer('multiple-operation-time-out', multipleOperationTimeOut),
  keyword('multiple-operation-time-out-action', 'abort-job'),
  naturalLanguage('natural-language-configured', 'en'),
  attribute('operations-supported', ...Object.values(operations).map((value) => ({ tag: 'enum', value }) as const)),
  integer('pages-per-minute', 30),
  integer('pages-per-minute-color', 30),
  keyword('pdf-versions-supported', 'iso-32000-1_2008'),
  keyword('pdl-override-supported', 'attempted'),
  boolean('preferred-attributes-supported', false),
  textAttribute('printer-device-id', 'MFG:Letterlock;MDL:Virtual Printer;CMD:PDF,JPEG,PWG,URF;'),
  outOfBand('printer-geo-location', 'unknown'),
  keyword('printer-get-attributes-supported', 'document-format'),
  textAttribute('printer-location', ''),
  textAttribute('printer-make-and-model', 'Letterlock Virtual Printer'),
  textAttribute('printer-organization', ''),
  textAttribute('printer-organizational-unit', ''),
  octetStrings(
    'printer-supply', // the levels are unknown (-2) until a printer is chosen
    'index=1;class=supplyThatIsConsumed;type=other;unit=other;maxcapacity=-2;level=-2;colorantname=unknown;'
  ),
  textAttribute('printer-supply-description', 'Supplies of the printer that releases the job'),
  resolutions('pwg-raster-document-resolution-supported', 300, 600),
  keyword('pwg-raster-document-sheet-back', 'normal'),
  keyword('pwg-raster-document-type-supported', 'black_1', 'sgray_8', 'srgb_8'),
  keyword('urf-supported', 'V1.4', 'CP1', 'DM1', 'IS1', 'MT1-2-3-4-5', 'PQ3-4-5', 'RS300-600', 'SRGB24', 'W8'),
  keyword('which-jobs-supported', ...whichJobs)
];

/** The whole answer to Get-Printer-Attributes, in the groups that requested-attributes can name. */
export function printerAttributes(printer: PrinterNow): Record<string, readonly IppAttribute[]> {
  return {
    'job-template': jobTemplateAttributes,
    'printer-description': [...fixedDescription, ...liveDescription(printer)],
    'media-col-database': [mediaColDatabase]
  };
}

function liveDescription(printer: PrinterNow): IppAttribute[] {
  const { uris, state, now, started, stateChanged } = printer;
  const page = (uris[0] ?? '').replace(/^ipp(s?):\/\/(.*)\/ipp\/print$/, 'http$1://$2/');
  return [
    dateTime('printer-config-change-date-time', started),
    integer('printer-config-change-time', upTime(started, started)),
    dateTime('printer-current-time', now),
    nameAttribute('printer-dns-sd-name', printer.name),
    uri('printer-icons', `${page}icon.png`),
    textAttribute('printer-info', printer.name.slice(0, 127)),
    boolean('printer-is-accepting-jobs', printer.accepting),
    uri('printer-more-info', page),
    nameAttribute('printer-name', printer.name.slice(0, 127)),
    attribute('printer-state', { tag: 'enum', value: enumValue('printer-state', state.state) }),
    dateTime('printer-state-change-date-time', stateChanged),
    integer('printer-state-change-time', upTime(stateChanged, started)),
    textAttribute('printer-state-message', state.message ?? ''),
    keyword('printer-state-reasons', ...(state.reasons.length > 0 ? state.reasons : ['none'])),
    uri('printer-supply-info-uri', page),
    integer('printer-up-time', upTime(now, started)),
    uri('printer-uri-supported', ...uris),
    uri('printer-uuid', `urn:uuid:${printer.uuid}`),
    integer('queued-job-count', printer.queued),
    keyword('uri-authentication-supported', ...uris.map(() => 'none')),
    keyword('uri-security-supported', ...uris.map((each) => (each.startsWith('ipps:') ? 'tls' : 'none')))
  ];
}
