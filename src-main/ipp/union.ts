import { find } from './attributes.ts';
import { encodeAttributes } from './codec.ts';
import type { IppAttribute, IppValue } from './message.ts';

/** The attributes of several printers taken together. */
export type Printers = readonly (readonly IppAttribute[])[];

/** More values than any dialog shows; a bound on what hostile printers can make of the union. */
const mostValues = 512;

export type Syntax = IppValue['tag'];
/** RFC 8011 section 5.1.4: what is 'keyword | name' in the registry. */
export const keywordOrName: readonly Syntax[] = ['keyword', 'nameWithoutLanguage'];

export const integers: readonly Syntax[] = ['integer', 'rangeOfInteger'];

/** Every sound value of these syntaxes that any of the printers has, each once, in the order of the printers. */
export function union(printers: Printers, name: string, syntaxes: readonly Syntax[]): IppValue[] {
  const values = new Map<string, IppValue>();
  for (const value of printers.flatMap((printer) => find(printer, name)?.values ?? [])) {
    const usable = syntaxes.includes(value.tag) && isSound(value) && (!integers.includes(value.tag) || rangeOf(value));
    if (usable && values.size < mostValues) values.set(identityOf(value), value);
  }
  return [...values.values()];
}

/** The same of keywords and names, as text. */
export const unionOfWords = (printers: Printers, name: string): string[] =>
  union(printers, name, keywordOrName).flatMap(({ value }) => (typeof value === 'string' ? value : []));

/** The widest range that any integers and ranges of the printers reach. */
export function hull(printers: Printers, name: string): { lower: number; upper: number } | undefined {
  const ranges = union(printers, name, integers).flatMap((value) => rangeOf(value) ?? []);
  if (ranges.length === 0) return undefined;
  return { lower: Math.min(...ranges.map((each) => each.lower)), upper: Math.max(...ranges.map((each) => each.upper)) };
}

/** Whether any of the printers says true. */
export const anyTrue = (printers: Printers, name: string): boolean =>
  union(printers, name, ['boolean']).some(({ value }) => value === true);

/** An integer as a range of one. Nothing that is counted or measured here is negative, and no range is upside down. */
export function rangeOf({ tag, value }: IppValue): { lower: number; upper: number } | undefined {
  if (tag === 'rangeOfInteger') return value.lower >= 0 && value.lower <= value.upper ? value : undefined;
  return tag === 'integer' && value >= 0 ? { lower: value, upper: value } : undefined;
}

/**
 * Whether a value of an offer is as its syntax wants it (RFC 8011 section 5.1), members of collections and their names too. CUPS
 * makes no queue from a printer that says one thing amiss, and where it doesn't look it has written such words into its PPD.
 */
function isSound({ tag, value }: IppValue): boolean {
  switch (tag) {
    case 'keyword':
      return word.test(value);
    case 'nameWithoutLanguage':
      return value !== '' && Buffer.byteLength(value) <= 255 && !/\p{Cc}/u.test(value);
    case 'enum':
      return value > 0;
    case 'resolution':
      return value.cross > 0 && value.feed > 0 && (value.units === 3 || value.units === 4);
    case 'rangeOfInteger':
      return value.lower <= value.upper;
    case 'begCollection':
      return value.every(({ name, values }) => word.test(name) && values.every(isSound));
    default:
      return tag === 'integer' || tag === 'boolean' || tag === 'mimeMediaType';
  }
}

const word = /^[a-z0-9._-]{1,255}$/i;

/** Values are the same when their bytes are. */
export const identityOf = (value: IppValue): string =>
  Buffer.from(encodeAttributes([{ name: 'value', values: [value] }])).toString('latin1');
