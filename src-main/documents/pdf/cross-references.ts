import type { Place } from './file.ts';
import { asCount, type Dict, isArray, refOf, type Value } from './values.ts';

/** Where a cross-reference entry says that an object is; null: nowhere, it is free. */
export type Location = { readonly offset: number } | { readonly stream: number; readonly index: number } | null;

/** Entries of a cross-reference stream (ISO 32000-1 section 7.5.8), decoded already. Throws when it isn't well formed. */
export function readEntries(dict: Dict, bytes: Buffer, entry: (number: number, location: Location) => void): void {
  const widths = counts(dict.get('W'));
  const ranges = counts(dict.get('Index') ?? [0, dict.get('Size') ?? null]);
  const width = widths.reduce((sum, one) => sum + one, 0);
  if (widths.length !== 3 || widths.some((one) => one > 8) || width === 0 || ranges.length % 2) throw malformed();
  let at = 0;
  const field = (size: number | undefined): number => {
    let value = 0;
    for (const end = at + (size ?? 0); at < end; at++) value = value * 256 + (bytes[at] ?? 0);
    return value;
  };
  for (let range = 0; range < ranges.length; range += 2) {
    const [start = 0, count = 0] = ranges.slice(range, range + 2);
    if (count * width > bytes.length - at) throw malformed();
    for (let number = start; number < start + count; number++) {
      const type = widths[0] ? field(widths[0]) : 1;
      const [one, two] = [field(widths[1]), field(widths[2])];
      entry(number, type === 1 ? { offset: one } : type === 2 ? { stream: one, index: two } : null);
    }
  }
}

const malformed = () => new SyntaxError('not a cross-reference stream');

function counts(value: Value | undefined): number[] {
  if (!isArray(value)) throw malformed();
  return value.map((one) => {
    const count = asCount(one);
    if (count === undefined) throw malformed();
    return count;
  });
}

/** A cross-reference table with its trailer, or a cross-reference stream, whose dictionary is its trailer. */
export interface Section extends Place {
  /** The catalog. */
  readonly root: number | undefined;
  /** Offset of the section before this one, and of the stream that goes with it (section 7.5.8.4). */
  readonly prev: number | undefined;
  readonly hybrid: number | undefined;
  readonly encrypted: boolean;
}

export const sectionOf = ({ gap, at }: Place, trailer: Dict): Section => ({
  gap,
  at,
  root: refOf(trailer.get('Root')),
  prev: asCount(trailer.get('Prev')),
  hybrid: asCount(trailer.get('XRefStm')),
  encrypted: trailer.has('Encrypt')
});

/**
 * The sections that are in force, the newest first (ISO 32000-1 section 7.5.6), or null when what we read in the order of the
 * file isn't what a reader finds that begins at its end: a section that nobody points to, or an older one behind a newer one.
 * The two of a linearized file (annex F) do stand in that order; that is fine as long as nothing was defined again before
 * `revisedAt`.
 */
export function sectionsInForce(
  sections: readonly Section[],
  { startxref, revisedAt }: { startxref: number; revisedAt: number }
): readonly Section[] | null {
  const at = (offset: number) => sections.find((section) => section.gap <= offset && offset <= section.at);
  const chain: Section[] = [];
  const met = new Set<Section>();
  for (let offset: number | undefined = startxref; offset !== undefined; ) {
    const section = at(offset);
    if (!section || met.has(section)) return null;
    chain.push(section);
    met.add(section);
    const stream = section.hybrid === undefined ? undefined : at(section.hybrid);
    if (stream) met.add(stream);
    offset = section.prev;
  }
  const inOrder = chain.every((section, index) => {
    const newer = chain[index - 1];
    return !newer || section.at < newer.at || (index === chain.length - 1 && section.at < revisedAt);
  });
  return inOrder && met.size === sections.length ? chain : null;
}
