import { attribute, collections, find, integer, keyword, stringsOf } from './attributes.ts';
import type { IppAttribute, IppValue } from './message.ts';
import { keywordOrName, type Printers, rangeOf, union, unionOfWords } from './union.ts';

/**
 * Sheets, sources and types of the printers behind, as one printer would offer them (PWG 5100.7, PWG 5101.1). Everything
 * about sizes follows from the names in media-supported, so that it cannot disagree with itself.
 */
export interface Media {
  /** What stands in the job-template group. */
  attributes: readonly IppAttribute[];
  /** Answered only when asked for by name (PWG 5100.7 section 6.2.2). */
  database: IppAttribute;
}

const sides = ['bottom', 'left', 'right', 'top'] as const;
/** A sixth of an inch, in hundredths of a millimetre. */
const usualMargin = 423;
const mostSizes = 200;

/** `sheets`: names to offer where the printers name none. */
export function uniteMedia(printers: Printers, sheets: readonly string[]): Media {
  const named = unionOfWords(printers, 'media-supported').filter((name) => sizeOf(name));
  const names = (named.length > 0 ? named : sheets).slice(0, mostSizes);
  const sizes = names.map((name) => sizeOf(name) ?? []);
  const custom = customSize(printers);
  const allSizes = custom ? [...sizes, custom] : sizes;
  const defaultName = mostWanted(printers, names);
  const sources = choice(printers, 'media-source-supported', 'auto');
  const types = choice(printers, 'media-type-supported', 'stationery', 'auto');

  const marginsOf = (side: string): number[] => {
    const margins = union(printers, `media-${side}-margin-supported`, ['integer']).flatMap(
      (each) => rangeOf(each)?.lower ?? []
    );
    return margins.length > 0 ? margins.sort((one, other) => one - other) : [usualMargin];
  };
  const margins = sides.map((side) => ({ side, supported: marginsOf(side) }));
  const borderless = margins.every(({ supported }) => supported[0] === 0);
  const safe = margins.map(({ side, supported }) => integer(`media-${side}-margin`, supported.at(-1) ?? usualMargin));
  const none = sides.map((side) => integer(`media-${side}-margin`, 0));

  const mediaCol = (size: IppAttribute[], around = safe): IppAttribute[] => [
    collections('media-size', size),
    ...around
  ];
  const onSheet = (name: string): IppAttribute[] => [...mediaCol(sizeOf(name) ?? []), keyword('media-size-name', name)];
  const inSource = [attribute('media-source', ...sources.slice(0, 1)), attribute('media-type', ...types.slice(0, 1))];
  const defaultCol = [...onSheet(defaultName), ...inSource];

  return {
    attributes: [
      keyword('media-default', defaultName),
      keyword('media-supported', ...names, ...(custom ? customNames(custom) : [])),
      keyword('media-ready', ...names),
      collections('media-col-default', defaultCol),
      collections('media-col-ready', ...names.map((name) => [...onSheet(name), ...inSource])),
      keyword('media-col-supported', ...defaultCol.map((member) => member.name)),
      collections('media-size-supported', ...allSizes),
      attribute('media-source-supported', ...sources),
      attribute('media-type-supported', ...types),
      ...margins.map(({ side, supported }) => integer(`media-${side}-margin-supported`, ...supported))
    ],
    database: collections(
      'media-col-database',
      ...names.map(onSheet),
      ...(custom ? [mediaCol(custom)] : []),
      ...(borderless ? sizes.map((size) => mediaCol(size, none)) : [])
    )
  };
}

/** media-size (hundredths of a millimetre) of a self-describing name such as `iso_a4_210x297mm`; null if it isn't one. */
export function sizeOf(name: string): IppAttribute[] | null {
  const [, x, y, unit] = selfDescribing.exec(name) ?? [];
  if (x === undefined || y === undefined) return null;
  const scale = unit === 'in' ? 2540 : 100;
  return [integer('x-dimension', Math.round(Number(x) * scale)), integer('y-dimension', Math.round(Number(y) * scale))];
}

/** PWG 5101.1 section 5: class, name, dimensions, unit. The names of limits (custom_min_…) are no sheets. */
const selfDescribing =
  /^(?!(?:custom|roll)_(?:min|max)_)(?:custom|na|asme|roc|oe|roll|iso|jis|jpn|prc|om)_[a-z0-9][-a-z0-9]*_((?:[1-9]\d*|0)(?:\.\d*[1-9])?)x((?:[1-9]\d*|0)(?:\.\d*[1-9])?)(mm|in)$/;

/** The widest range of sizes that one printer takes: media-size with ranges as its dimensions. */
function customSize(printers: Printers): IppAttribute[] | null {
  const ranges = union(printers, 'media-size-supported', ['begCollection']).flatMap((size) => {
    if (size.tag !== 'begCollection') return [];
    const [x, y] = ['x-dimension', 'y-dimension'].map((name) => find(size.value, name)?.values[0]);
    const [width, height] = [x && rangeOf(x), y && rangeOf(y)];
    if (!width || !height || (width.lower === width.upper && height.lower === height.upper)) return [];
    return { width, height };
  });
  const [widest] = ranges.sort((one, other) => area(other) - area(one));
  if (!widest) return null;
  return [
    attribute('x-dimension', { tag: 'rangeOfInteger', value: widest.width }),
    attribute('y-dimension', { tag: 'rangeOfInteger', value: widest.height })
  ];
}

const area = ({ width, height }: { width: { upper: number }; height: { upper: number } }): number =>
  width.upper * height.upper;

/** How media-supported says it: `custom_min_76.2x127mm`, `custom_max_215.9x355.6mm`. */
function customNames(size: readonly IppAttribute[]): string[] {
  const [x, y] = size.map(({ values: [value] }) => value && rangeOf(value));
  return (['min', 'max'] as const).map((end) => {
    const side = end === 'min' ? 'lower' : 'upper';
    return `custom_${end}_${(x?.[side] ?? 0) / 100}x${(y?.[side] ?? 0) / 100}mm`;
  });
}

/** The sheet that most printers have as their default, of those that are offered. */
function mostWanted(printers: Printers, names: readonly string[]): string {
  const votes = printers.flatMap((printer) => stringsOf(printer, 'media-default'));
  const count = (name: string): number => votes.filter((each) => each === name).length;
  const usual = ['iso_a4_210x297mm', 'na_letter_8.5x11in', ...names].filter((name) => names.includes(name));
  return usual.reduce((best, name) => (count(name) > count(best) ? name : best), usual[0] ?? 'iso_a4_210x297mm');
}

/** What the printers name; the first of `wanted` that they have comes first, as the default does. */
function choice(printers: Printers, name: string, ...wanted: string[]): IppValue[] {
  const values = union(printers, name, keywordOrName);
  if (values.length === 0) return wanted.slice(0, 1).map((value) => ({ tag: 'keyword', value }));
  const first = values.find(({ value }) => wanted.some((each) => each === value));
  return first ? [first, ...values.filter((each) => each !== first)] : values;
}
