import { readContent } from './content.ts';
import { asCount, type Dict, isArray, isRef, type Value, type ValueWatch } from './values.ts';

/** A colour space: what it says by itself, or the object that says it. */
type Space = 'grey' | 'color' | 'unsure' | { readonly ref: number };

export interface ColorEvidence extends ValueWatch {
  /** An indirect object, in case a colour space is one. */
  object(number: number, value: Value): void;
  /** A stream's dictionary. True: its content has to be looked into. */
  stream(number: number, dict: Dict): boolean;
  /** The decoded bytes of such a stream; null when they can't be had. */
  content(bytes: Buffer | null): void;
  /** Undefined: not known. */
  result(): boolean | undefined;
}

const mostSpaces = 4096;

/**
 * Looks for colour in a PDF document. True is only said for what is certain to ask for colour: an operator or an image in a
 * colour space of colours (its pixels aren't looked at). False only when every content stream was read, every image and every
 * shading is grey, and no colour space is left whose components could mean anything.
 */
export function createColorEvidence(): ColorEvidence {
  let color = false;
  let likely = false;
  let special = false; // a colour space is about in which equal components needn't be grey, or others colour
  let unsure = false;
  const images: Space[] = [];
  const profiles = new Map<number, number>(); // components of ICC profiles
  const spaces = new Map<number, Space>();

  const note = <T>(map: Map<number, T>, key: number, value: T) => {
    if (map.size < mostSpaces) map.set(key, value);
    else unsure = true;
  };

  const spaceOf = (value: Value | undefined): Space => {
    const [name, second] = isArray(value) ? value : [value];
    if (isRef(value)) return value;
    if (name === 'DeviceGray' || name === 'CalGray') return 'grey';
    if (name === 'DeviceRGB' || name === 'DeviceCMYK' || name === 'CalRGB' || name === 'Lab') return 'color';
    if (name === 'ICCBased' && isRef(second)) return second;
    if (name === 'Separation') return isColorless(second) ? 'grey' : 'color';
    return 'unsure';
  };

  const resolve = (space: Space, depth = 0): 'grey' | 'color' | 'unsure' => {
    if (typeof space === 'string') return space;
    const components = profiles.get(space.ref);
    if (components !== undefined) return components === 1 ? 'grey' : 'color';
    const other = spaces.get(space.ref);
    return other === undefined || depth > 2 ? 'unsure' : resolve(other, depth + 1);
  };

  return {
    dict(dict) {
      if (dict.has('ShadingType')) unsure ||= spaceOf(dict.get('ColorSpace')) !== 'grey';
      const annotation = dict.has('Rect') && !dict.has('AP'); // without an appearance: drawn as the reader likes
      if (annotation) unsure ||= dict.get('Subtype') !== 'Link' && dict.get('Subtype') !== 'Popup';
    },
    array([name, second]) {
      if (name === 'Separation') special ||= !isColorless(second);
      else if (name === 'DeviceN' || name === 'Indexed' || name === 'Lab') special = true;
    },
    object(number, value) {
      if (isColorSpace(value)) note(spaces, number, spaceOf(value));
    },
    stream(number, dict) {
      const [type, subtype, components] = [dict.get('Type'), dict.get('Subtype'), asCount(dict.get('N'))];
      if (subtype === 'Image') {
        if (dict.get('ImageMask') === true) return false;
        if (images.length < mostSpaces) images.push(spaceOf(dict.get('ColorSpace')));
        else unsure = true;
        return false;
      }
      if (type === undefined && subtype === undefined && components !== undefined) {
        note(profiles, number, components);
        return false;
      }
      const plain = type === undefined && subtype === undefined && !dict.has('Length1') && !dict.has('FunctionType');
      const drawing = subtype === 'Form' || type === 'Pattern' || dict.has('PatternType');
      return !color && !dict.has('ShadingType') && (plain || drawing);
    },
    content(bytes) {
      const found = bytes ? readContent(bytes) : { color: false, likely: false, unsure: true };
      color ||= found.color;
      likely ||= found.likely;
      unsure ||= found.unsure;
    },
    result() {
      const kinds = new Set(images.map((space) => resolve(space)));
      if (color || kinds.has('color') || (likely && !special)) return true;
      return unsure || special || likely || kinds.has('unsure') ? undefined : false;
    }
  };
}

const isColorless = (name: Value | undefined) => name === 'Black' || name === 'All' || name === 'None';

const isColorSpace = (value: Value) =>
  (isArray(value) && typeof value[0] === 'string') || (typeof value === 'string' && /^(Device|Cal)/.test(value));
