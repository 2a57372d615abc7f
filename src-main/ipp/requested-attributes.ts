import { stringsOf } from './attributes.ts';
import type { IppAttribute } from './message.ts';

/**
 * Chooses what requested-attributes asks for (RFC 8011 sections 4.2.5.1 and 4.3.4.1): names of attributes, names of groups,
 * 'all'. Groups in `onDemand` are not part of 'all'. Names that nobody knows are passed over.
 */
export function chooseAttributes(
  operation: readonly IppAttribute[],
  groups: Record<string, readonly IppAttribute[]>,
  options: { byDefault: readonly string[]; onDemand?: readonly string[] }
): IppAttribute[] {
  const asked = new Set(stringsOf(operation, 'requested-attributes'));
  const wanted = asked.size > 0 ? asked : new Set(options.byDefault);
  return Object.entries(groups).flatMap(([group, attributes]) => {
    const whole = wanted.has(group) || (wanted.has('all') && !options.onDemand?.includes(group));
    return whole ? attributes : attributes.filter(({ name }) => wanted.has(name));
  });
}
