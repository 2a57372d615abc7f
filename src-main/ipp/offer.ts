import {
  attribute,
  boolean,
  enums,
  integer,
  keyword,
  mimeMediaType,
  outOfBand,
  range,
  resolutions
} from './attributes.ts';
import { type Formats, uniteFormats } from './document-formats.ts';
import { uniteFinishings } from './finishings.ts';
import { uniteMedia } from './media.ts';
import type { IppAttribute, IppValue } from './message.ts';
import {
  anyTrue,
  hull,
  identityOf,
  integers,
  keywordOrName,
  type Printers,
  type Syntax,
  union,
  unionOfWords
} from './union.ts';

/**
 * What the virtual printer offers: whatever any printer of the site can do, as one printer that agrees with itself. While no
 * printer is known it offers what nearly all can do. It is never more than some printer can print.
 */
export interface Offer {
  formats: Formats;
  /** What belongs into the job-template group. */
  template: readonly IppAttribute[];
  /** What belongs into the printer-description group. */
  description: readonly IppAttribute[];
  mediaColDatabase: IppAttribute;
}

/** Values of `NAME-supported` while no printer is known. The first is the default where it is offered. */
const choices: readonly IppAttribute[] = [
  keyword(
    'multiple-document-handling-supported',
    'separate-documents-collated-copies',
    'separate-documents-uncollated-copies'
  ),
  integer('number-up-supported', 1),
  enums('orientation-requested-supported', 'portrait', 'landscape', 'reverse-landscape', 'reverse-portrait'),
  keyword('output-bin-supported', 'auto', 'face-up', 'face-down'),
  keyword('print-color-mode-supported', 'auto', 'color', 'monochrome'),
  keyword('print-content-optimize-supported', 'auto', 'graphic', 'photo', 'text', 'text-and-graphic'),
  enums('print-quality-supported', 'normal', 'draft', 'high'),
  keyword('print-rendering-intent-supported', 'auto', 'perceptual', 'relative', 'saturation'),
  keyword('print-scaling-supported', 'auto', 'auto-fit', 'fill', 'fit', 'none'),
  resolutions('printer-resolution-supported', 600, 300),
  keyword('sides-supported', 'one-sided', 'two-sided-long-edge', 'two-sided-short-edge')
];

/** The printer that is offered while none is known, in the words of capabilities.ts. */
export const assumed: readonly IppAttribute[] = [
  ...choices,
  mimeMediaType(
    'document-format-supported',
    'application/pdf',
    'image/pwg-raster',
    'image/urf',
    'image/jpeg',
    'application/octet-stream'
  ),
  keyword('pdf-versions-supported', 'iso-32000-1_2008'),
  resolutions('pwg-raster-document-resolution-supported', 300, 600),
  keyword('pwg-raster-document-sheet-back', 'normal'),
  keyword('pwg-raster-document-type-supported', 'black_1', 'sgray_8', 'srgb_8'),
  keyword('urf-supported', 'V1.4', 'CP1', 'DM1', 'IS1', 'MT1-2-3-4-5', 'PQ3-4-5', 'RS300-600', 'SRGB24', 'W8'),
  keyword('media-source-supported', 'auto', 'main'),
  keyword(
    'media-type-supported',
    'stationery',
    'auto',
    'cardstock',
    'envelope',
    'labels',
    'photographic',
    'transparency'
  ),
  range('copies-supported', 1, 9999),
  keyword('overrides-supported', 'document-numbers', 'pages', 'media', 'media-col'),
  boolean('page-ranges-supported', true),
  integer('pages-per-minute', 30),
  integer('pages-per-minute-color', 30)
];

const sheets = [
  'iso_a4_210x297mm',
  'na_letter_8.5x11in',
  'na_legal_8.5x14in',
  'na_executive_7.25x10.5in',
  'na_invoice_5.5x8.5in',
  'na_ledger_11x17in',
  'iso_a3_297x420mm',
  'iso_a5_148x210mm',
  'iso_a6_105x148mm',
  'iso_b5_176x250mm',
  'jis_b4_257x364mm',
  'jis_b5_182x257mm',
  'na_number-10_4.125x9.5in',
  'iso_dl_110x220mm',
  'iso_c5_162x229mm',
  'na_index-3x5_3x5in',
  'na_index-4x6_4x6in',
  'na_5x7_5x7in',
  'jpn_hagaki_100x148mm'
];

/** `known`: each printer in its own words (capabilities.ts). */
export function createOffer(known: Printers): Offer {
  const printers = known.length > 0 ? known : [assumed];
  const media = uniteMedia(printers, sheets);
  const documents = uniteFormats(printers);
  const color = printsColor(printers);
  const accounts = ['job-account-id', 'job-accounting-user-id'].filter((name) =>
    anyTrue(printers, `${name}-supported`)
  );
  const overrides = overridesOf(printers);
  return {
    formats: documents.formats,
    template: [
      ...choices.flatMap((choice) => offerOf(printers, choice, color)),
      integer('copies-default', 1),
      range('copies-supported', 1, hull(printers, 'copies-supported')?.upper ?? 1),
      ...uniteFinishings(printers),
      ...(overrides.length > 0 ? [keyword('overrides-supported', ...overrides)] : []),
      ...media.attributes,
      boolean('page-ranges-supported', anyTrue(printers, 'page-ranges-supported')),
      ...accounts.flatMap((name) => [outOfBand(`${name}-default`, 'no-value'), boolean(`${name}-supported`, true)])
    ],
    description: [
      boolean('color-supported', color),
      integer('pages-per-minute', hull(printers, 'pages-per-minute')?.upper ?? 1),
      ...(color ? [integer('pages-per-minute-color', hull(printers, 'pages-per-minute-color')?.upper ?? 1)] : []),
      ...documents.attributes
    ],
    mediaColDatabase: media.database
  };
}

/** `NAME-supported` and `NAME-default`. Printers that don't say can do the first of what is assumed, no more. */
function offerOf(printers: Printers, { name, values: usual }: IppAttribute, color: boolean): IppAttribute[] {
  const united = union(printers, name, syntaxesOf(usual));
  const values = united.length > 0 ? united : usual.slice(0, 1);
  if (name === 'print-color-mode-supported' && color && !values.some(({ value }) => value === 'color')) {
    values.push({ tag: 'keyword', value: 'color' });
  }
  return [attribute(name.replace(/supported$/, 'default'), ...defaultOf(values, usual)), attribute(name, ...values)];
}

/** The usual default where it is offered, or else the first that is; of a range its beginning. */
function defaultOf(values: readonly IppValue[], [usual]: readonly IppValue[]): IppValue[] {
  const wanted = usual && identityOf(usual);
  const [first] = [...values.filter((value) => identityOf(value) === wanted), ...values];
  if (!first) return [];
  return first.tag === 'rangeOfInteger' ? [{ tag: 'integer', value: first.value.lower }] : [first];
}

/** The syntaxes that a choice may have are those of its usual values, with the registry's alternatives. */
function syntaxesOf([value]: readonly IppValue[]): readonly Syntax[] {
  if (value?.tag === 'keyword') return keywordOrName;
  return value?.tag === 'integer' ? integers : value ? [value.tag] : [];
}

const printsColor = (printers: Printers): boolean =>
  anyTrue(printers, 'color-supported') || unionOfWords(printers, 'print-color-mode-supported').includes('color');

/** PWG 5100.6 names the member document-numbers, IPP Everywhere document-number: whoever knows one is given both. */
function overridesOf(printers: Printers): string[] {
  const names = unionOfWords(printers, 'overrides-supported');
  const documents = names.some((name) => /^document-numbers?$/.test(name))
    ? ['document-number', 'document-numbers']
    : [];
  return [...new Set([...documents, ...names])];
}
