import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  attribute,
  boolean,
  collections,
  enums,
  find,
  firstBoolean,
  firstString,
  integer,
  integersOf,
  keyword,
  mimeMediaType,
  range,
  resolutions,
  stringsOf
} from './attributes.ts';
import { capabilityNames, pickCapabilities } from './capabilities.ts';
import type { IppAttribute, IppValue } from './message.ts';
import { createOffer, type Offer } from './offer.ts';
import { anyAttributes, anySimpleValue } from './testing/arbitraries.ts';
import { unsupportedOf } from './ticket.ts';

const office: readonly IppAttribute[] = [
  mimeMediaType('document-format-supported', 'application/pdf', 'application/postscript', 'image/urf', 'text/plain'),
  keyword(
    'media-supported',
    'iso_a4_210x297mm',
    'iso_a3_297x420mm',
    'iso-a4',
    'custom_min_90x140mm',
    'custom_max_305x457mm'
  ),
  keyword('media-default', 'iso_a4_210x297mm'),
  collections(
    'media-size-supported',
    [integer('x-dimension', 21000), integer('y-dimension', 29700)],
    [range('x-dimension', 9000, 30500), range('y-dimension', 14000, 45700)]
  ),
  keyword('media-source-supported', 'tray-1', 'auto', 'manual'),
  keyword('media-type-supported', 'stationery', 'labels'),
  ...['bottom', 'left', 'right', 'top'].map((side) => integer(`media-${side}-margin-supported`, 423)),
  keyword('sides-supported', 'one-sided', 'two-sided-long-edge'),
  range('copies-supported', 1, 99),
  enums('finishings-supported', 'none', 'staple'),
  keyword('finishings-col-supported', 'finishing-template', 'stitching'),
  collections(
    'finishings-col-database',
    [keyword('finishing-template', 'none')],
    [keyword('finishing-template', 'staple')]
  ),
  keyword('print-color-mode-supported', 'monochrome', 'color'),
  integer('pages-per-minute', 45),
  integer('pages-per-minute-color', 30),
  keyword('urf-supported', 'V1.5', 'CP99', 'W8', 'SRGB24', 'RS300-600', 'DM1', 'IS1-4'),
  resolutions('printer-resolution-supported', 300, 600)
];
const photo: readonly IppAttribute[] = [
  mimeMediaType('document-format-supported', 'image/jpeg', 'image/urf', 'image/pwg-raster', 'application/octet-stream'),
  keyword('media-supported', 'na_index-4x6_4x6in', 'iso_a4_210x297mm'),
  ...['bottom', 'left', 'right', 'top'].map((side) => integer(`media-${side}-margin-supported`, 0, 300)),
  keyword('urf-supported', 'V1.4', 'CP1', 'SRGB24', 'RS600-1200', 'DM3', 'MT1-8'),
  boolean('color-supported', true),
  integer('pages-per-minute', 4)
];

const all = ({ template, description }: Offer): IppAttribute[] => [...template, ...description];
const media = (offer: Offer): string[] => stringsOf(offer.template, 'media-supported');

describe('what is offered', () => {
  it('is what the printers of the site can do together', () => {
    const offer = createOffer([office, photo]);
    const attributes = all(offer);
    expect(stringsOf(attributes, 'document-format-supported')).toEqual([
      'application/pdf',
      'application/vnd.cups-pdf',
      'image/urf',
      'image/jpeg',
      'application/postscript',
      'application/octet-stream'
    ]); // pwg-raster without its resolutions and types cannot be made, text is not ours to detect
    expect(media(offer)).toEqual([
      'iso_a4_210x297mm',
      'iso_a3_297x420mm',
      'na_index-4x6_4x6in',
      'custom_min_90x140mm',
      'custom_max_305x457mm'
    ]);
    expect(firstString(attributes, 'media-default')).toBe('iso_a4_210x297mm');
    expect(stringsOf(attributes, 'sides-supported')).toEqual(['one-sided', 'two-sided-long-edge']);
    expect(find(attributes, 'copies-supported')).toEqual(range('copies-supported', 1, 99));
    expect(integersOf(attributes, 'finishings-supported')).toEqual([3, 4]);
    expect(find(attributes, 'finishings-col-database')?.values).toHaveLength(2);
    expect(firstBoolean(attributes, 'color-supported')).toBe(true);
    expect(integersOf(attributes, 'pages-per-minute')).toEqual([45]);
    expect(stringsOf(attributes, 'urf-supported')).toEqual(
      ['CP1', 'DM1', 'IS1-4', 'MT1-8', 'RS300-600-1200', 'SRGB24', 'V1.4', 'W8'].sort()
    );
    expect(integersOf(attributes, 'media-top-margin-supported')).toEqual([0, 300, 423]);
    expect(stringsOf(attributes, 'ipp-features-supported')).toEqual(['none']);
  });

  it('is less where a printer says less', () => {
    const offer = all(createOffer([[mimeMediaType('document-format-supported', 'application/pdf')]]));
    expect(stringsOf(offer, 'sides-supported')).toEqual(['one-sided']);
    expect(firstBoolean(offer, 'color-supported')).toBe(false);
    expect(find(offer, 'pages-per-minute-color')).toBeUndefined();
    expect(firstBoolean(offer, 'page-ranges-supported')).toBe(false);
    expect(find(offer, 'overrides-supported')).toBeUndefined();
  });

  it('is what nearly every printer can do while none is known', () => {
    const offer = createOffer([]);
    expect(offer.formats.unknown).toBe(true);
    expect(stringsOf(all(offer), 'ipp-features-supported')).toEqual(['ipp-everywhere', 'ipp-everywhere-server']);
    expect(media(offer)).toContain('na_letter_8.5x11in');
  });

  it('leaves out what is not of its syntax: CUPS makes no queue from a printer that says one thing amiss', () => {
    const broken: IppAttribute[] = [
      keyword('media-type-supported', 'labels', 'Tray 1', 'x"\n*FoomaticRIPCommandLine: "', ''),
      attribute('media-source-supported', { tag: 'nameWithoutLanguage', value: 'Bypass (left)\u0007' }),
      attribute('finishings-supported', { tag: 'enum', value: 0 }, { tag: 'enum', value: 4 }),
      attribute('printer-resolution-supported', { tag: 'resolution', value: { cross: 0, feed: 300, units: 3 } }),
      collections('finishings-col-database', [keyword('finishing-template', 'a b')], [keyword('bad name', 'staple')])
    ];
    const { template } = createOffer([[...broken, ...photo]]);
    expect(stringsOf(template, 'media-type-supported')).toEqual(['labels']);
    expect(stringsOf(template, 'media-source-supported')).toEqual(['auto']);
    expect(integersOf(template, 'finishings-supported')).toEqual([3, 4]);
    expect(find(template, 'printer-resolution-supported')?.values[0]?.value).toMatchObject({ cross: 600 });
    expect(find(template, 'finishings-col-database')?.values).toHaveLength(1);
  });

  it('agrees with itself, whatever the printers say', () => {
    const value = fc.oneof(
      anySimpleValue,
      anyAttributes(1).map((members): IppValue => ({ tag: 'begCollection', value: members })),
      fc.integer({ min: -1, max: 40_000 }).map((each): IppValue => ({ tag: 'integer', value: each }))
    );
    const saying = fc.record({
      name: fc.constantFrom(...capabilityNames),
      values: fc.array(value, { minLength: 1, maxLength: 4 })
    });
    const known = fc.constantFrom(...office, ...photo);
    const printer = fc.array(fc.oneof(saying, known), { maxLength: 12 }).map(pickCapabilities);
    fc.assert(
      fc.property(fc.array(printer, { maxLength: 3 }), (printers) => {
        const offer = createOffer(printers);
        const attributes = all(offer);
        const names = attributes.map(({ name }) => name);
        expect(new Set(names).size).toBe(names.length);
        expect(attributes.every(({ values }) => values.length > 0)).toBe(true);
        const supported = new Map(attributes.map((each) => [each.name, each]));
        const defaults = attributes.flatMap((each) => {
          const stem = /^(.*)-default$/.exec(each.name)?.[1];
          const outOfBand = each.values[0]?.value === null;
          return stem && !outOfBand && stem !== 'document-format' ? [attribute(stem, ...each.values)] : [];
        });
        expect(unsupportedOf(defaults, supported)).toEqual([]);
        const sheets = offer.mediaColDatabase.values.map((value) => attribute('media-col', value));
        expect(sheets.flatMap((each) => unsupportedOf([each], supported))).toEqual([]);
        const formats = stringsOf(attributes, 'document-format-supported');
        expect(formats.includes('application/vnd.cups-pdf')).toBe(formats.includes('application/pdf'));
        expect(formats.includes('image/urf')).toBe(supported.has('urf-supported'));
        expect(formats.includes('image/pwg-raster')).toBe(supported.has('pwg-raster-document-type-supported'));
        expect(new Set(formats)).toEqual(offer.formats.supported);
        expect(firstBoolean(attributes, 'color-supported')).toBe(
          stringsOf(attributes, 'print-color-mode-supported').includes('color')
        );
      }),
      { numRuns: 300 }
    );
  });
});
