import type { IppAttribute, IppValue } from './message.ts';
import { tagName } from './registry.ts';

/**
 * A reply's attributes without the values that decodeReply kept although they break their syntax, and without what then has no
 * value left: for what is passed on, where a strict reader would refuse the whole of it.
 */
export const wellFormed = (attributes: readonly IppAttribute[]): IppAttribute[] =>
  attributes.flatMap(({ name, values }) => {
    const kept = values.flatMap(keep);
    return kept.length > 0 ? [{ name, values: kept }] : [];
  });

function keep(value: IppValue): IppValue[] {
  if (value.tag === 'begCollection') return [{ tag: value.tag, value: wellFormed(value.value) }];
  const isBroken = typeof value.tag === 'number' && tagName(value.tag) !== undefined;
  return isBroken ? [] : [value];
}
