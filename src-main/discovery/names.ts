import { LetterlockError } from '../base/errors.ts';

/** Names of DNS-SD: what is claimed, and what follows when somebody else has it. Compared without regard to case. */
export const sameName = (one: string, other: string): boolean => nameKey(one) === nameKey(other);
export const nameKey = (name: string): string => name.toLowerCase();

/** `_ipp._tcp` and `_print._sub._ipp._tcp`, as full names. Throws `input-invalid`. */
export function typeName(type: string): string {
  if (!/^(_[\w-]{1,62}\._sub\.)?_[a-z0-9-]{1,15}\._(tcp|udp)$/i.test(type)) {
    throw new LetterlockError('input-invalid', 'type of a service');
  }
  return `${type}.local`;
}

export const subtypeName = (subtype: string, type: string): string => typeName(`${subtype}._sub.${type}`);
export const serviceTypes = '_services._dns-sd._udp.local';

/** One label as it can be sent: the DNS library splits names at dots. */
export const instanceLabel = (name: string): string =>
  cut(
    name
      .replace(/\./g, '-')
      .replace(/\p{Cc}/gu, ' ')
      .trim() || 'Letterlock',
    63
  );

export const hostLabel = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 63) || 'letterlock';

/** Printer → Printer (2) → Printer (3), as RFC 6762 section 9 suggests. */
export function nextInstance(name: string): string {
  const [, stem = name, number = '1'] = /^(.*) \((\d{1,9})\)$/.exec(name) ?? [];
  const suffix = ` (${Number(number) + 1})`;
  return cut(stem, 63 - suffix.length) + suffix;
}

/** printer → printer-2 → printer-3. */
export function nextHost(name: string): string {
  const [, stem = name, number = '1'] = /^(.*)-(\d{1,3})$/.exec(name) ?? [];
  const suffix = `-${Number(number) + 1}`;
  return stem.slice(0, 63 - suffix.length) + suffix;
}

/** At most so many bytes of UTF-8, whole characters. */
function cut(text: string, most: number): string {
  const characters = [...text];
  while (Buffer.byteLength(characters.join('')) > most) characters.pop();
  return characters.join('').trimEnd();
}
