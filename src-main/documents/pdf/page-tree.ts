import type { DocumentFacts } from '../../../src-preload/contract/views.ts';
import { limits } from '../../base/limits.ts';
import { createPageSizes } from '../page-sizes.ts';
import type { Location } from './cross-references.ts';
import type { Place } from './file.ts';
import { createLooks, inherit, type Look, sizeOf } from './page-look.ts';
import { asCount, isArray, isDict, refOf, type Value } from './values.ts';

/** Where an object was met: in the file, or in an object stream. */
export type Met = Place | { readonly stream: number; readonly index: number };

export interface PageTree {
  /** An indirect object; what isn't part of a page tree is forgotten at once. */
  define(number: number, value: Value, met: Met): void;
  /** A cross-reference entry, read at `position`. */
  entry(number: number, location: Location, position: number): void;
  /** Whether it has layers that may be hidden when it is printed (ISO 32000-1 section 8.11). */
  readonly layered: boolean;
  /** Of the tree below a catalog; null when anything of it is missing, contradicts itself or isn't where the file says. */
  facts(catalog: number): Pick<DocumentFacts, 'pages' | 'media'> | null;
}

interface Node {
  readonly kind: 'catalog' | 'pages' | 'page' | 'stream';
  readonly met: Met;
  /** A cross-reference entry in force says that it is where we met it. */
  confirmed: boolean;
  /** Of a catalog, the root of its pages. Null where there are none, or where they aren't references. */
  readonly kids: readonly number[] | null;
  readonly count: number | undefined;
  readonly look: Look;
}

/** How many references to pages are remembered, and how many entries that point forwards. */
const mostKids = 2 * limits.pdfPages;
const mostForward = 65_536;

/**
 * Collects pages and what is above them (ISO 32000-1 section 7.7.3) while the file goes by, and walks the tree at its end.
 * Every object of it must be where the cross-references say, and the count at its root must be true: so that what we count is
 * what every reader prints, whatever else the file contains.
 */
export function createPageTree(): PageTree {
  const nodes = new Map<number, Node>();
  const lookOf = createLooks();
  const forward = new Map<number, Location>(); // entries that came before their objects, as in a linearized file
  let kidsMet = 0;
  let layered = false;

  const define = (number: number, value: Value, met: Met) => {
    if (nodes.get(number)?.kind === 'stream') throw new SyntaxError('an object stream of PDF was defined again');
    nodes.delete(number);
    const kind = isDict(value) ? kinds.get(value.get('Type')) : undefined;
    if (!isDict(value) || !kind) return;
    if (nodes.size === limits.pdfPages) throw new RangeError('too many pages');
    layered ||= value.has('OCProperties');
    const confirmed = agrees(met, forward.get(number) ?? null);
    const kids = refs(kind === 'catalog' ? [value.get('Pages') ?? null] : value.get('Kids'));
    kidsMet += kids?.length ?? 0;
    if (kidsMet > mostKids) throw new RangeError('too many pages');
    nodes.set(number, {
      kind,
      met,
      confirmed,
      kids,
      count: asCount(value.get('Count')),
      look: lookOf(value)
    });
  };

  const entry = (number: number, location: Location, position: number) => {
    const node = nodes.get(number);
    forward.delete(number);
    if (node) node.confirmed = agrees(node.met, location);
    else if (location && ('offset' in location ? location.offset > position : !nodes.has(location.stream))) {
      if (forward.size === mostForward) throw new RangeError('too many cross-references');
      forward.set(number, location);
    }
  };

  /** A node that is where the file says, and so is the object stream that holds it. */
  const confirmed = (number: number): Node | null => {
    const node = nodes.get(number);
    if (!node?.confirmed) return null;
    if ('at' in node.met) return node;
    const holder = nodes.get(node.met.stream);
    return holder?.kind === 'stream' && holder.confirmed && 'at' in holder.met ? node : null;
  };

  const facts = (catalog: number) => {
    const top = confirmed(catalog);
    const root = top?.kind === 'catalog' ? top.kids?.[0] : undefined;
    if (root === undefined) return null;
    const sizes = createPageSizes();
    const met = new Set<number>();
    const open: { number: number; look: Look }[] = [{ number: root, look: {} }];
    let pages = 0;
    for (let next = open.pop(); next; next = open.pop()) {
      const node = confirmed(next.number);
      if (!node || met.has(next.number)) return null;
      met.add(next.number);
      const look = inherit(next.look, node.look);
      if (node.kind === 'page') {
        pages++;
        sizes.add(...sizeOf(look));
      } else if (node.kind === 'pages' && node.kids) {
        for (const number of node.kids.toReversed()) open.push({ number, look });
      } else return null;
    }
    return pages > 0 && pages === nodes.get(root)?.count ? { pages, ...sizes.facts() } : null;
  };

  return {
    define,
    entry,
    facts,
    get layered() {
      return layered;
    }
  };
}

function agrees(met: Met, location: Location): boolean {
  if (!location) return false;
  if ('at' in met) return 'offset' in location && met.gap <= location.offset && location.offset <= met.at;
  return 'stream' in location && met.stream === location.stream && met.index === location.index;
}

const kinds = new Map<Value | undefined, Node['kind']>([
  ['Catalog', 'catalog'],
  ['Pages', 'pages'],
  ['Page', 'page'],
  ['ObjStm', 'stream']
]);

function refs(value: Value | undefined): number[] | null {
  if (!isArray(value)) return null;
  const numbers = value.map(refOf);
  return numbers.every((number) => number !== undefined) ? numbers : null;
}
