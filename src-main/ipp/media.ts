import { collections, integer, keyword } from './attributes.ts';
import type { IppAttribute } from './message.ts';

/**
 * The sheets that the virtual printer offers (PWG 5101.1 names), as media, media-size and media-col values. It has no
 * trays of its own: what a sheet really is, is settled at the printer that prints.
 */
const media: readonly string[] = [
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

const mediaSources = ['auto', 'main'];
const mediaTypes = ['auto', 'stationery', 'cardstock', 'envelope', 'labels', 'photographic', 'transparency'];
/** A sixth of an inch, in hundredths of a millimetre. */
const margin = 423;

const defaultMedia = 'iso_a4_210x297mm';

/** PWG 5100.7 and 5100.13: everything about media that stands in the job-template group. */
export const mediaAttributes: readonly IppAttribute[] = [
  keyword('media-default', defaultMedia),
  keyword('media-supported', ...media),
  keyword('media-ready', ...media),
  collections('media-col-default', mediaCol(defaultMedia, 'auto', 'auto')),
  collections('media-col-ready', ...media.map((name) => mediaCol(name, 'auto', 'auto'))),
  keyword('media-col-supported', ...mediaCol(defaultMedia, 'auto', 'auto').map((member) => member.name)),
  collections('media-size-supported', ...media.map(mediaSize)),
  keyword('media-source-supported', ...mediaSources),
  keyword('media-type-supported', ...mediaTypes),
  integer('media-bottom-margin-supported', margin),
  integer('media-left-margin-supported', margin),
  integer('media-right-margin-supported', margin),
  integer('media-top-margin-supported', margin)
];

/** Answered only when asked for by name (PWG 5100.7 section 6.2.2). */
export const mediaColDatabase = collections('media-col-database', ...media.map((name) => mediaCol(name)));

function mediaCol(name: string, source?: string, type?: string): IppAttribute[] {
  return [
    collections('media-size', mediaSize(name)),
    keyword('media-size-name', name),
    integer('media-bottom-margin', margin),
    integer('media-left-margin', margin),
    integer('media-right-margin', margin),
    integer('media-top-margin', margin),
    ...(source ? [keyword('media-source', source)] : []),
    ...(type ? [keyword('media-type', type)] : [])
  ];
}

/** The dimensions in hundredths of a millimetre, from the name itself: `iso_a4_210x297mm`. */
function mediaSize(name: string): IppAttribute[] {
  const [, x = '', y = '', unit] = /_([\d.]+)x([\d.]+)(mm|in)$/.exec(name) ?? [];
  const scale = unit === 'in' ? 2540 : 100;
  return [integer('x-dimension', Math.round(Number(x) * scale)), integer('y-dimension', Math.round(Number(y) * scale))];
}
