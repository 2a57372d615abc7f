import { integer, keyword, mimeMediaType, resolutions } from '../../src-main/ipp/attributes.ts';
import type { IppAttribute } from '../../src-main/ipp/message.ts';
import { assumed } from '../../src-main/ipp/offer.ts';

/** A printer that takes whatever the suites can send: with it behind the virtual printer, nothing is skipped for want of one. */
const more: readonly IppAttribute[] = [
  mimeMediaType(
    'document-format-supported',
    'application/pdf',
    'application/postscript',
    'image/pwg-raster',
    'image/urf',
    'image/jpeg',
    'image/png',
    'application/octet-stream'
  ),
  integer('number-up-supported', 1, 2, 4),
  resolutions('pwg-raster-document-resolution-supported', 150, 180, 300, 360, 600, 720),
  keyword('pwg-raster-document-type-supported', 'black_1', 'cmyk_8', 'sgray_8', 'srgb_8', 'srgb_16')
];

export const fullPrinter: readonly IppAttribute[] = [
  ...more,
  ...assumed.filter(({ name }) => !more.some((each) => each.name === name))
];
