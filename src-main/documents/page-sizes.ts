import type { DocumentFacts } from '../../src-preload/contract/views.ts';

/** How many sizes a document may have before they are no fact worth telling, and how many are told. */
const mostSizes = 256;
const toldSizes = 8;

/** Two sizes that differ by less are one: half a millimetre, which is what rounding to points and pixels makes. */
const tolerance = 50;

/** Hundredths of a millimetre in an inch. */
export const inch = 2540;

export interface PageSizes {
  /** Hundredths of a millimetre; what is no size of a page makes the whole list unknown. */
  add(x: number, y: number): void;
  /** The most frequent first; without the key when any page's size is unknown. */
  facts(): Pick<DocumentFacts, 'media'>;
}

/** Counts distinct page sizes. */
export function createPageSizes(): PageSizes {
  const sizes: { x: number; y: number; pages: number }[] = [];
  let known = true;
  return {
    add(x, y) {
      const [width, height] = [Math.round(x), Math.round(y)];
      known &&= width > 0 && height > 0 && Number.isSafeInteger(width) && Number.isSafeInteger(height);
      if (!known) return;
      const same = sizes.find((size) => near(size.x, width) && near(size.y, height));
      if (same) same.pages++;
      else if (sizes.length < mostSizes) sizes.push({ x: width, y: height, pages: 1 });
      else known = false;
    },
    facts() {
      if (!known || sizes.length === 0) return {};
      const frequent = sizes.toSorted((one, other) => other.pages - one.pages).slice(0, toldSizes);
      return { media: frequent.map(({ x, y }) => ({ x, y })) };
    }
  };
}

const near = (one: number, other: number) => Math.abs(one - other) < tolerance;
