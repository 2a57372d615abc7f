import { invalid } from './messages.ts';

/**
 * Filters of RFC 7644, section 3.4.2.2: `eq` on the attributes that a resource may be found by, with `and`, `or` and brackets.
 * Anything else is refused as `invalidFilter` rather than answered with too much.
 */
export type Filter =
  | { readonly op: 'eq'; readonly attribute: string; readonly value: string | boolean | null }
  | { readonly op: 'and' | 'or'; readonly left: Filter; readonly right: Filter };

const longest = 1024;
const token = /^([()]|"(?:[^"\\]|\\.)*"|[^\s()"]+)\s*/;

/** `attributes`: in lower case. */
export function parseFilter(text: string, attributes: readonly string[]): Filter {
  if (text.length > longest) throw refusal('too long');
  const tokens: string[] = [];
  for (let rest = text.trim(); rest !== ''; ) {
    const [whole = '', word] = token.exec(rest) ?? [];
    if (word === undefined) throw refusal('syntax');
    tokens.push(word);
    rest = rest.slice(whole.length);
  }
  let at = 0;
  const next = () => tokens[at++] ?? '';
  const isWord = (word: string) => tokens[at]?.toLowerCase() === word && ++at > 0;

  const either = (): Filter => {
    let left = both();
    while (isWord('or')) left = { op: 'or', left, right: both() };
    return left;
  };
  const both = (): Filter => {
    let left = one();
    while (isWord('and')) left = { op: 'and', left, right: one() };
    return left;
  };
  const one = (): Filter => {
    if (isWord('(')) {
      const inner = either();
      if (next() !== ')') throw refusal('brackets');
      return inner;
    }
    const attribute = next().toLowerCase();
    if (!attributes.includes(attribute)) throw refusal(`attribute ${attribute}`);
    if (next().toLowerCase() !== 'eq') throw refusal('only eq');
    return { op: 'eq', attribute, value: literal(next()) };
  };

  const filter = either();
  if (at !== tokens.length) throw refusal('syntax');
  return filter;
}

/** `read`: an attribute in lower case. Text is compared without case, ids and external ids exactly (RFC 7643, section 2.4). */
export function matches(filter: Filter, read: (attribute: string) => unknown): boolean {
  if (filter.op !== 'eq') {
    const left = matches(filter.left, read);
    return filter.op === 'and' ? left && matches(filter.right, read) : left || matches(filter.right, read);
  }
  const { attribute, value } = filter;
  const found = read(attribute) ?? null;
  const exact = attribute === 'id' || attribute === 'externalid' || attribute === 'value';
  if (exact || typeof found !== 'string' || typeof value !== 'string') return found === value;
  return found.toLowerCase() === value.toLowerCase();
}

function literal(text: string): string | boolean | null {
  try {
    const value: unknown = JSON.parse(/^(true|false)$/i.test(text) ? text.toLowerCase() : text);
    if (typeof value === 'string' || typeof value === 'boolean' || value === null) return value;
  } catch {
    // Below.
  }
  throw refusal('value');
}

const refusal = (detail: string) => invalid('invalidFilter', detail);
