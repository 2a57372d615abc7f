import { type PDFArray, PDFNumber, type PDFPageLeaf } from 'pdf-lib';
import type { Size } from './port.ts';

/** A rectangle in the page's own coordinates. */
export interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

export interface PageGeometry {
  readonly media: Box;
  /** What of it is seen: ISO 32000-1 section 14.11.2. */
  readonly visible: Box;
  /** Clockwise, in degrees. */
  readonly rotation: 0 | 90 | 180 | 270;
  /** The visible part as a reader holds it. */
  readonly upright: Size;
  /** From there, with the origin at the bottom left as it is read, to the page's own coordinates: a b c d e f. */
  readonly toPage: readonly [number, number, number, number, number, number];
}

/** Whatever unit a page is in and however it lies. Throws where it has no area. */
export function geometryOf(page: PDFPageLeaf): PageGeometry {
  const media = boxOf(page.MediaBox());
  const crop = page.CropBox();
  const visible = (crop && common(boxOf(crop), media)) ?? media;
  const rotation = rotationOf(page);
  const { x, y, width, height } = visible;
  const [right, top] = [x + width, y + height];
  const lying = { width: height, height: width };
  switch (rotation) {
    case 0:
      return { media, visible, rotation, upright: { width, height }, toPage: [1, 0, 0, 1, x, y] };
    case 90:
      return { media, visible, rotation, upright: lying, toPage: [0, 1, -1, 0, right, y] };
    case 180:
      return { media, visible, rotation, upright: { width, height }, toPage: [-1, 0, 0, -1, right, top] };
    case 270:
      return { media, visible, rotation, upright: lying, toPage: [0, -1, 1, 0, x, top] };
  }
}

/** As an array of a page: the two corners. */
export const cornersOf = ({ x, y, width, height }: Box): number[] => [x, y, x + width, y + height];

/** Any two opposite corners, ISO 32000-1 section 7.9.5. */
function boxOf(array: PDFArray): Box {
  const [a, b, c, d] = [0, 1, 2, 3].map((index) => array.lookup(index, PDFNumber).asNumber());
  const box = fromCorners(a ?? 0, b ?? 0, c ?? 0, d ?? 0);
  if (!box) throw new RangeError('a page without area');
  return box;
}

function fromCorners(a: number, b: number, c: number, d: number): Box | null {
  const box = { x: Math.min(a, c), y: Math.min(b, d), width: Math.abs(c - a), height: Math.abs(d - b) };
  return box.width > 0 && box.height > 0 && Object.values(box).every((value) => Math.abs(value) < farthest)
    ? box
    : null;
}
/** Far beyond any page: 14,400 units, ISO 32000-1 annex C, times the largest unit that is seen. */
const farthest = 10_000_000;

function common(one: Box, other: Box): Box | null {
  const [left, bottom] = [Math.max(one.x, other.x), Math.max(one.y, other.y)];
  const right = Math.min(one.x + one.width, other.x + other.width);
  const top = Math.min(one.y + one.height, other.y + other.height);
  return right > left && top > bottom ? fromCorners(left, bottom, right, top) : null;
}

function rotationOf(page: PDFPageLeaf): PageGeometry['rotation'] {
  const degrees = (((page.Rotate()?.asNumber() ?? 0) % 360) + 360) % 360;
  return degrees === 90 || degrees === 180 || degrees === 270 ? degrees : 0;
}
