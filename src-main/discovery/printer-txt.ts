import type { IppAttribute, IppValue } from '../ipp/message.ts';
import type { TxtRecord } from './port.ts';

/**
 * What a printer's DNS-SD record says, from what its Get-Printer-Attributes says: one source, so that the two agree (PWG 5100.14
 * section 4.2, Bonjour Printing 1.2.1, and what AirPrint and Mopria look for). `host`: the name under which it is discovered.
 */
export function printerTxt(attributes: readonly IppAttribute[], host: string): TxtRecord {
  const values = (name: string) => attributes.find((one) => one.name === name)?.values ?? [];
  const strings = (name: string) => values(name).flatMap(({ value }) => (typeof value === 'string' ? value : []));
  const first = (name: string) => strings(name)[0] ?? '';
  const model = first('printer-make-and-model');
  const device = deviceId(first('printer-device-id'));
  const mopria = first('mopria-certified');
  return cutToFit({
    txtvers: '1',
    qtotal: '1',
    rp: pathOf(first('printer-uri-supported')),
    ty: model,
    product: `(${model})`,
    usb_MFG: device.MFG ?? '',
    usb_MDL: device.MDL ?? '',
    note: first('printer-location'),
    adminurl: withHost(first('printer-more-info'), host),
    priority: '50', // between the others: 0 is the most wanted
    pdl: strings('document-format-supported').join(','),
    UUID: first('printer-uuid').replace(/^urn:uuid:/, ''),
    ...(strings('uri-security-supported').includes('tls') ? { TLS: '1.2' } : {}),
    air: strings('uri-authentication-supported').includes('basic') ? 'username,password' : 'none',
    Color: flag(values('color-supported').some(({ value }) => value === true)),
    Duplex: flag(strings('sides-supported').some((sides) => sides.startsWith('two-sided'))),
    Copies: flag(
      values('copies-supported').some(({ tag, value }) => tag === 'rangeOfInteger' && (value as Range).upper > 1)
    ),
    PaperMax: paperMax(values('media-size-supported')),
    kind: kinds(strings('media-supported'), strings('media-type-supported')).join(','),
    URF: strings('urf-supported').join(',') || 'none',
    ...(mopria ? { 'mopria-certified': mopria } : {})
  });
}

interface Range {
  readonly upper: number;
}

const flag = (is: boolean): string => (is ? 'T' : 'F');
const pathOf = (uri: string): string => (URL.canParse(uri) ? new URL(uri).pathname.slice(1) : '');

function withHost(page: string, host: string): string {
  if (!URL.canParse(page)) return '';
  const url = new URL(page);
  url.hostname = host;
  return url.href;
}

/** IEEE 1284: `MFG:…;MDL:…;` */
const deviceId = (id: string): { MFG?: string; MDL?: string } =>
  Object.fromEntries(
    id.split(';').map((pair) => [pair.slice(0, pair.indexOf(':')), pair.slice(pair.indexOf(':') + 1)])
  );

/** What there is paper for (Bonjour Printing 1.2.1 section 9.2.5). */
function kinds(media: readonly string[], types: readonly string[]): string[] {
  return [
    'document',
    ...(types.includes('envelope') || media.some((name) => /_(number-\d|dl|c5|monarch)_/.test(name))
      ? ['envelope']
      : []),
    ...(types.includes('labels') ? ['label'] : []),
    ...(types.some((type) => type.startsWith('photographic')) ? ['photo'] : []),
    ...(media.some((name) => name.startsWith('jpn_hagaki_')) ? ['postcard'] : [])
  ];
}

/** The largest paper, in five steps. Sizes come in hundredths of a millimetre (PWG 5100.7), also as ranges for custom ones. */
function paperMax(sizes: readonly IppValue[]): string {
  const largest = sizes.map(({ tag, value }) => {
    if (tag !== 'begCollection') return [0, 0] as const;
    const side = (name: string): number => {
      const member = (value as IppAttribute[]).find((one) => one.name === name)?.values[0]?.value;
      return typeof member === 'number' ? member : ((member as Range | undefined)?.upper ?? 0);
    };
    const sides = [side('x-dimension'), side('y-dimension')].sort((a, b) => a - b);
    return [sides[0] ?? 0, sides[1] ?? 0] as const;
  });
  const holds = (short: number, long: number) => largest.some(([one, other]) => one >= short && other >= long);
  if (holds(43_181, 55_881)) return '>isoC-A2';
  if (holds(42_000, 55_880)) return 'isoC-A2';
  if (holds(27_940, 42_000)) return 'tabloid-A3';
  return holds(20_990, 29_700) || holds(21_590, 27_940) ? 'legal-A4' : '<legal-A4';
}

/** A string of a TXT record has 255 bytes: lists lose their last members, texts their end. */
function cutToFit(txt: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(txt).map(([key, value]) => {
      let text = value;
      while (Buffer.byteLength(`${key}=${text}`) > 255)
        text = text.includes(',') ? text.slice(0, text.lastIndexOf(',')) : [...text].slice(0, -1).join('');
      return [key, text];
    })
  );
}
