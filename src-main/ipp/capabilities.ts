import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decodeAttributes, encodeAttributes } from './codec.ts';
import type { IppAttribute } from './message.ts';

/**
 * What a printer says it can do, in its own words: asked by the node that prints there, kept in the directory, united by
 * the virtual printer into what it offers (offer.ts). Never states, never supplies, nothing that changes from day to day.
 */
export const capabilityNames: readonly string[] = [
  // what it reads
  'document-format-supported',
  'jpeg-k-octets-supported', // PWG 5100.13
  'jpeg-x-dimension-supported',
  'jpeg-y-dimension-supported',
  'pdf-k-octets-supported',
  'pdf-versions-supported',
  'pwg-raster-document-resolution-supported', // PWG 5102.4
  'pwg-raster-document-sheet-back',
  'pwg-raster-document-type-supported',
  'urf-supported', // AirPrint
  // what it prints on
  'media-default',
  'media-supported',
  'media-size-supported', // PWG 5100.7
  'media-source-supported',
  'media-type-supported',
  'media-bottom-margin-supported',
  'media-left-margin-supported',
  'media-right-margin-supported',
  'media-top-margin-supported',
  // how it prints
  'color-supported',
  'copies-supported',
  'multiple-document-handling-supported',
  'number-up-supported',
  'orientation-requested-supported',
  'output-bin-supported',
  'overrides-supported', // PWG 5100.6
  'page-ranges-supported',
  'pages-per-minute',
  'pages-per-minute-color',
  'print-color-mode-supported',
  'print-content-optimize-supported',
  'print-quality-supported',
  'print-rendering-intent-supported',
  'print-scaling-supported',
  'printer-resolution-supported',
  'sides-supported',
  // what it does to the sheets (PWG 5100.1)
  'finishings-supported',
  'finishings-col-supported',
  'finishings-col-database',
  'finishing-template-supported',
  'baling-type-supported',
  'baling-when-supported',
  'binding-reference-edge-supported',
  'binding-type-supported',
  'coating-sides-supported',
  'coating-type-supported',
  'covering-name-supported',
  'folding-direction-supported',
  'folding-offset-supported',
  'folding-reference-edge-supported',
  'laminating-sides-supported',
  'laminating-type-supported',
  'punching-locations-supported',
  'punching-offset-supported',
  'punching-reference-edge-supported',
  'stitching-angle-supported',
  'stitching-locations-supported',
  'stitching-method-supported',
  'stitching-offset-supported',
  'stitching-reference-edge-supported',
  'trimming-offset-supported',
  'trimming-reference-edge-supported',
  'trimming-type-supported',
  'trimming-when-supported',
  // whom it charges (PWG 5100.7)
  'job-account-id-supported',
  'job-accounting-user-id-supported'
];

/**
 * What of a printer's answer is kept, in the order of `capabilityNames`, so that the same capabilities are the same bytes.
 * An attribute that would make it longer than the directory takes is left out.
 */
export function pickCapabilities(attributes: readonly IppAttribute[]): IppAttribute[] {
  const empty = encodeAttributes([]).length;
  let left = Math.floor((limits.capabilities * 3) / 4) - empty;
  return capabilityNames.flatMap((name) => {
    const attribute = attributes.find((each) => each.name === name);
    if (!attribute) return [];
    const length = encodeAttributes([attribute]).length - empty;
    if (length > left) return [];
    left -= length;
    return attribute;
  });
}

/** As the directory carries them: base64url of an attribute group (RFC 8010). */
export const encodeCapabilities = (attributes: readonly IppAttribute[]): string =>
  Buffer.from(encodeAttributes(attributes)).toString('base64url');

/** Throws LetterlockError('input-invalid'): the text came from another machine, and to it from a printer. */
export function decodeCapabilities(text: string): IppAttribute[] {
  if (text.length > limits.capabilities) throw new LetterlockError('input-invalid', 'capabilities');
  try {
    return pickCapabilities(decodeAttributes(Buffer.from(text, 'base64url')));
  } catch (error) {
    throw new LetterlockError('input-invalid', 'capabilities', { cause: error });
  }
}
