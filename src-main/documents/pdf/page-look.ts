import { inch } from '../page-sizes.ts';
import { type Dict, isArray, type Value } from './values.ts';

/** What says how large a page is (ISO 32000-1 table 30). Null: said, but not understood. */
export interface Look {
  readonly box?: readonly number[] | null;
  readonly rotate?: number | null;
  /** Points in a unit; the one thing that isn't inherited. */
  readonly unit?: number | null;
}

/** More different looks than this aren't told apart: they are no fact worth telling, but would take room. */
const mostLooks = 256;

/** Reads looks from the dictionaries of pages and page tree nodes. Those that are the same are one object. */
export function createLooks(): (dict: Dict) => Look {
  const looks = new Map<string, Look>();
  return (dict) => {
    const look = {
      ...(dict.has('MediaBox') && { box: boxOf(dict.get('MediaBox')) }),
      ...(dict.has('Rotate') && { rotate: numberOf(dict.get('Rotate')) }),
      ...(dict.has('UserUnit') && { unit: numberOf(dict.get('UserUnit')) })
    };
    const key = JSON.stringify(look);
    const known = looks.get(key);
    if (known) return known;
    if (looks.size === mostLooks) return notUnderstood;
    looks.set(key, look);
    return look;
  };
}

const notUnderstood: Look = { box: null, rotate: null };

/** How a page looks whose nodes above it look like `inherited`. */
export const inherit = ({ box, rotate }: Look, own: Look): Look => ({
  ...(box !== undefined && { box }),
  ...(rotate !== undefined && { rotate }),
  ...own
});

/** Width and height as one looks at them, in hundredths of a millimetre; not numbers when they aren't known. */
export function sizeOf({ box, rotate = 0, unit = 1 }: Look): [number, number] {
  if (!box || rotate === null || rotate % 90 !== 0 || unit === null) return [Number.NaN, Number.NaN];
  const [left = 0, bottom = 0, right = 0, top = 0] = box;
  const scale = (unit * inch) / 72;
  const [width, height] = [Math.abs(right - left) * scale, Math.abs(top - bottom) * scale];
  return rotate % 180 === 0 ? [width, height] : [height, width];
}

const numberOf = (value: Value | undefined) => (typeof value === 'number' ? value : null);

function boxOf(value: Value | undefined): readonly number[] | null {
  const numbers = isArray(value) ? value.filter((one) => typeof one === 'number') : [];
  return numbers.length === 4 ? numbers : null;
}
