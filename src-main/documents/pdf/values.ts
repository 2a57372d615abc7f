import type { Lexer, Token } from './lexer.ts';

/** A value of PDF (ISO 32000-1 section 7.3). Strings say nothing here and are null, as null is. */
export type Value = number | boolean | Name | Ref | readonly Value[] | Dict | null;
export type Name = string;
export interface Ref {
  /** Object number. The generation isn't kept: a number in use names one object. */
  readonly ref: number;
}
export type Dict = ReadonlyMap<Name, Value>;

export const isDict = (value: Value | undefined): value is Dict => value instanceof Map;
export const isArray = (value: Value | undefined): value is readonly Value[] => Array.isArray(value);
export const isRef = (value: Value | undefined): value is Ref =>
  typeof value === 'object' && value !== null && 'ref' in value;
/** A whole number that isn't negative, or undefined. */
export const asCount = (value: Value | undefined): number | undefined =>
  typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
/** The object that a reference names, or undefined. */
export const refOf = (value: Value | undefined): number | undefined => (isRef(value) ? value.ref : undefined);

/** Sees each dictionary and array once, when it is complete: so nobody needs to walk into a value. */
export interface ValueWatch {
  dict(dict: Dict): void;
  array(array: readonly Value[]): void;
}

export interface ValueBuilder {
  /** Takes the lexer's word. False for a keyword that is no value: what it means is up to the caller. */
  take(token: Token, lexer: Lexer): boolean;
  /** What stands at the top since `clear`; complete when `depth` is zero. */
  readonly values: readonly Value[];
  readonly depth: number;
  clear(): void;
}

const deepest = 64;
const mostValues = 131_072;

/** Puts words together to values. Keeps a stack of its own, so nesting can't exhaust ours. Throws when values don't nest. */
export function createValueBuilder(watch: ValueWatch): ValueBuilder {
  let top: Value[] = [];
  let open: { values: Value[]; dict: boolean }[] = []; // the containers around `top`, innermost last
  let taken = 0;

  const begin = (dict: boolean) => {
    if (open.length === deepest) throw new RangeError('values of PDF are nested too deeply');
    open.push({ values: top, dict });
    top = [];
  };

  const finish = (dict: boolean) => {
    const outer = open.pop();
    if (outer?.dict !== dict) throw new SyntaxError('values of PDF do not nest');
    const inner = top;
    top = outer.values;
    if (!dict) {
      watch.array(inner);
      top.push(inner);
      return;
    }
    const entries = dictOf(inner);
    watch.dict(entries);
    top.push(entries);
  };

  const keyword = (text: string): boolean => {
    if (text === 'R') {
      const generation = top.pop();
      const ref = top.pop();
      if (asCount(generation) === undefined || asCount(ref) === undefined)
        throw new SyntaxError('not a reference of PDF');
      top.push({ ref: ref as number });
    } else if (text === 'true' || text === 'false') top.push(text === 'true');
    else if (text === 'null') top.push(null);
    else return false;
    return true;
  };

  return {
    take(token, lexer) {
      if (++taken > mostValues) throw new RangeError('an object of PDF is too large');
      if (token === 'number') top.push(lexer.number);
      else if (token === 'name') top.push(lexer.text);
      else if (token === 'string') top.push(null);
      else if (token === '<<' || token === '[') begin(token === '<<');
      else if (token === '>>' || token === ']') finish(token === '>>');
      else if (token === 'keyword') return keyword(lexer.text);
      return true;
    },
    get values() {
      return top;
    },
    get depth() {
      return open.length;
    },
    clear() {
      if (open.length) throw new SyntaxError('values of PDF do not nest');
      top = [];
      open = [];
      taken = 0;
    }
  };
}

function dictOf(flat: readonly Value[]): Dict {
  const dict = new Map<Name, Value>();
  for (let index = 0; index + 1 < flat.length; index += 2) {
    const key = flat[index];
    if (typeof key !== 'string' || dict.has(key)) throw new SyntaxError('not a dictionary of PDF');
    dict.set(key, flat[index + 1] ?? null);
  }
  if (flat.length % 2) throw new SyntaxError('not a dictionary of PDF');
  return dict;
}
