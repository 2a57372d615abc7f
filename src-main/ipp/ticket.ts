import { find, firstBoolean, firstString, stringsOf } from './attributes.ts';
import { sizeOf } from './media.ts';
import type { IppAttribute, IppValue } from './message.ts';
import type { IncomingJob } from './port.ts';
import { IppRefusal } from './refusal.ts';
import type { IppRequest } from './request.ts';
import { rangeOf } from './union.ts';

/**
 * What a job asks for, and what of it is not supported here. Unsupported attributes stay in the ticket: the printer that
 * prints may know them, and the difference is shown before release.
 */
export interface Ticket {
  incoming: IncomingJob;
  /** As RFC 8011 section 4.1.7 wants them returned: unknown ones as 'unsupported', others with the offending values. */
  unsupported: IppAttribute[];
}

/** Every `NAME-supported` that is answered, by its whole name. */
export type Supported = ReadonlyMap<string, IppAttribute>;

/** RFC 8011 section 4.2.1.1. Throws IppRefusal. */
export function readTicket({ operation, job }: IppRequest, userName: string, supported: Supported): Ticket {
  const unsupported = unsupportedOf(job, supported);
  const mandatory = new Set(stringsOf(operation, 'job-mandatory-attributes')); // PWG 5100.7
  const fidelity = firstBoolean(operation, 'ipp-attribute-fidelity') === true;
  if (fidelity ? unsupported.length > 0 : unsupported.some(({ name }) => mandatory.has(name))) {
    const reason = 'not everything that must be is supported';
    throw new IppRefusal('client-error-attributes-or-values-not-supported', reason, unsupported);
  }
  const kept = operation.filter(({ name }) => !envelope.has(name) && !name.startsWith('document-'));
  const name = firstString(operation, 'job-name') ?? firstString(operation, 'document-name') ?? 'Untitled';
  return {
    incoming: { name, userName, attributes: [...kept, ...job], held: asksForHold(job) },
    unsupported
  };
}

/** RFC 8011 section 5.2.2. Values that are not offered are ignored, as others are. */
export const asksForHold = (attributes: readonly IppAttribute[]): boolean =>
  firstString(attributes, 'job-hold-until') === 'indefinite';

/** Operation attributes that concern this request only. */
const envelope: ReadonlySet<string> = new Set([
  'attributes-charset',
  'attributes-natural-language',
  'printer-uri',
  'job-uri',
  'job-id',
  'requesting-user-name',
  'requesting-user-uri',
  'job-name',
  'compression',
  'last-document',
  'requested-attributes'
]);

/** Of each attribute what is not supported: nothing, or it with the values that are not. */
export function unsupportedOf(attributes: readonly IppAttribute[], supported: Supported): IppAttribute[] {
  return attributes.flatMap(({ name, values }) => {
    const offer = supported.get(`${name}-supported`)?.values;
    if (!offer) return { name, values: [{ tag: 'unsupported', value: null } as const] };
    const rest = values.flatMap((value) => unsupportedValue(name, value, offer, supported) ?? []);
    return rest.length > 0 ? { name, values: rest } : [];
  });
}

/** The part of a value that is not on offer: null, the value, or a collection of the members that are not (RFC 8011 section 4.1.7). */
function unsupportedValue(
  name: string,
  value: IppValue,
  offer: readonly IppValue[],
  supported: Supported
): IppValue | null {
  const [first] = offer;
  if (value.tag !== 'begCollection' || first?.tag !== 'keyword') {
    const allowed = offer.some((each) => allows(name, each, value)) || (name === 'media' && fits(value, supported));
    return allowed ? null : value;
  }
  const members = value.value.flatMap((member) => {
    if (!offer.some((each) => each.value === member.name)) {
      return { name: member.name, values: [{ tag: 'unsupported', value: null } as const] };
    }
    return supported.has(`${member.name}-supported`) ? unsupportedOf([member], supported) : [];
  });
  return members.length > 0 ? { tag: 'begCollection', value: members } : null;
}

/** Whether media names a sheet by its size (PWG 5101.1), custom ones among them, that is within what is offered. */
function fits({ value }: IppValue, supported: Supported): boolean {
  const size = typeof value === 'string' ? sizeOf(value) : null;
  const sizes = supported.get('media-size-supported')?.values ?? [];
  return size !== null && sizes.some((each) => allows('media-size', each, { tag: 'begCollection', value: size }));
}

function allows(name: string, offered: IppValue, value: IppValue): boolean {
  if (offered.tag === 'boolean') return offered.value || value.value === false;
  if (offered.tag === 'rangeOfInteger') {
    const range = rangeOf(value);
    return range !== undefined && range.lower >= offered.value.lower && range.upper <= offered.value.upper;
  }
  if (name === 'job-priority' && offered.tag === 'integer' && value.tag === 'integer') {
    return value.value >= 1 && value.value <= offered.value; // RFC 8011 section 5.2.1: a number of levels
  }
  if (offered.tag === 'resolution' && value.tag === 'resolution') {
    const [one, other] = [offered.value, value.value];
    return one.cross === other.cross && one.feed === other.feed && one.units === other.units;
  }
  if (offered.tag === 'begCollection' && value.tag === 'begCollection') {
    return value.value.every((member) => {
      const own = find(offered.value, member.name)?.values ?? [];
      return member.values.every((each) => own.some((one) => allows(member.name, one, each)));
    });
  }
  return offered.value === value.value;
}
