import { attribute, keyword, mimeMediaType, range } from './attributes.ts';
import type { IppAttribute } from './message.ts';
import { hull, type Printers, union, unionOfWords } from './union.ts';

/** Which documents are taken. */
export interface Formats {
  /** MIME types, as document-format-supported lists them. */
  supported: ReadonlySet<string>;
  /** Also documents that nobody here recognizes, because some printer looks for itself. */
  unknown: boolean;
}

/** What of the formats that Letterlock knows can be printed somewhere, and what clients need to know to make them. */
export function uniteFormats(printers: Printers): { formats: Formats; attributes: IppAttribute[] } {
  const stated = new Set(
    union(printers, 'document-format-supported', ['mimeMediaType']).map(({ value }) => String(value).toLowerCase())
  );
  const raster = stated.has('image/pwg-raster') ? pwgRaster(printers) : [];
  const urf = stated.has('image/urf') ? urfOf(unionOfWords(printers, 'urf-supported')) : [];
  const pdfVersions = unionOfWords(printers, 'pdf-versions-supported');
  const formats = [
    ...(stated.has('application/pdf') ? ['application/pdf', 'application/vnd.cups-pdf'] : []), // CUPS then leaves PDFs as they are
    ...(raster.length > 0 ? ['image/pwg-raster'] : []),
    ...(urf.length > 0 ? ['image/urf'] : []),
    ...['image/jpeg', 'image/png', 'application/postscript'].filter((format) => stated.has(format))
  ];
  const everywhere = formats.includes('image/pwg-raster') && formats.includes('image/jpeg');
  return {
    formats: {
      supported: new Set([...formats, 'application/octet-stream']),
      unknown: stated.has('application/octet-stream')
    },
    attributes: [
      mimeMediaType('document-format-default', 'application/octet-stream'), // and then its first bytes decide
      mimeMediaType('document-format-preferred', formats[0] ?? 'application/octet-stream'),
      mimeMediaType('document-format-supported', ...formats, 'application/octet-stream'),
      keyword('ipp-features-supported', ...(everywhere ? ['ipp-everywhere', 'ipp-everywhere-server'] : ['none'])),
      ...(formats.includes('application/pdf') && pdfVersions.length > 0
        ? [keyword('pdf-versions-supported', ...pdfVersions)]
        : []),
      ...limitNames.flatMap((name) => {
        const limit = hull(printers, name);
        return limit ? range(name, limit.lower, limit.upper) : [];
      }),
      ...raster,
      ...(urf.length > 0 ? [keyword('urf-supported', ...urf)] : [])
    ]
  };
}

const limitNames = [
  'jpeg-k-octets-supported',
  'jpeg-x-dimension-supported',
  'jpeg-y-dimension-supported',
  'pdf-k-octets-supported'
];

/** PWG 5102.4: without resolutions and types nobody can make it, and then it isn't offered. */
function pwgRaster(printers: Printers): IppAttribute[] {
  const resolutions = union(printers, 'pwg-raster-document-resolution-supported', ['resolution']);
  const types = union(printers, 'pwg-raster-document-type-supported', ['keyword']);
  if (resolutions.length === 0 || types.length === 0) return [];
  return [
    attribute('pwg-raster-document-resolution-supported', ...resolutions),
    keyword('pwg-raster-document-sheet-back', unionOfWords(printers, 'pwg-raster-document-sheet-back')[0] ?? 'normal'),
    attribute('pwg-raster-document-type-supported', ...types)
  ];
}

/**
 * urf-supported of several printers, empty where no resolution is named: lists of numbers (RS300-600) are united, for what any can print; single numbers (V1.4,
 * CP99) are the lowest, for that is what all read; how the back is turned (DM1) is the first printer's, as it is for PWG Raster.
 */
function urfOf(tokens: readonly string[]): string[] {
  const lists = new Map<string, Set<string>>();
  const singles = new Map<string, string>();
  const colors = new Set<string>();
  for (const token of tokens) {
    const [, name = '', value = ''] = /^(RS|IS|MT|OB|PQ|FN|IFU|OFU|V|CP|DM)([\d.-]+)$/.exec(token) ?? [];
    if (name === '') colors.add(token);
    else if (name === 'DM') singles.set(name, singles.get(name) ?? value);
    else if (name === 'V' || name === 'CP') {
      singles.set(name, String(Math.min(Number(singles.get(name) ?? value), Number.parseFloat(value))));
    } else lists.set(name, new Set([...(lists.get(name) ?? []), ...value.split('-')]));
  }
  if (!lists.has('RS')) return [];
  const numbers = (values: ReadonlySet<string>): string[] =>
    [...values].sort((one, other) => Number(one) - Number(other));
  return [
    ...[...singles].map(([name, value]) => `${name}${value}`),
    ...[...lists].map(([name, values]) => `${name}${numbers(values).join('-')}`),
    ...colors
  ].sort();
}
