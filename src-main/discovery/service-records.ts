import type { Link } from './links.ts';
import { instanceLabel, serviceTypes, subtypeName, typeName } from './names.ts';
import type { Offer } from './port.ts';
import { type DnsRecord, setKey } from './records.ts';
import { encodeTxt } from './txt.ts';

/** The records of one offer on one link. */
export interface ServiceRecords {
  /** Everybody may have these: the pointers from types to instances. */
  readonly shared: readonly DnsRecord[];
  /** Only one may have these names. */
  readonly unique: readonly DnsRecord[];
  /** What else to say along with a record, so that it isn't asked for (RFC 6763 section 12). */
  along(record: DnsRecord): readonly DnsRecord[];
}

/** Seconds (RFC 6762 section 10): what names a host lives shorter. */
const hostLife = 120;
const life = 4500;

/** Throws `input-invalid` for what cannot be sent. */
export function serviceRecords({ name, host, services }: Offer, { addresses }: Link): ServiceRecords {
  const hostName = `${host}.local`;
  const hostRecords = [
    ...addresses.map(({ family, address }) =>
      unique({ name: hostName, ttl: hostLife, type: family === 'IPv4' ? 'A' : 'AAAA', data: address })
    )
  ];
  const hostOnly = only(hostName, hostRecords);
  const shared: DnsRecord[] = [];
  const records: DnsRecord[] = [...hostRecords, hostOnly];
  const aside = new Map<string, readonly DnsRecord[]>();
  for (const { type, subtypes = [], port, txt } of services) {
    const instance = instanceName(name, type);
    const pointer = (from: string, data = instance): DnsRecord => ({
      name: from,
      ttl: life,
      flush: false,
      type: 'PTR',
      data
    });
    const own = [
      unique({ name: instance, ttl: hostLife, type: 'SRV', data: { priority: 0, weight: 0, port, target: hostName } }),
      unique({ name: instance, ttl: life, type: 'TXT', data: encodeTxt(txt) })
    ];
    const pointers = [pointer(typeName(type)), ...subtypes.map((subtype) => pointer(subtypeName(subtype, type)))];
    shared.push(...pointers, pointer(serviceTypes, typeName(type)));
    records.push(...own, only(instance, own));
    for (const one of pointers) aside.set(setKey(one), [...own, ...hostRecords, hostOnly]);
    aside.set(`SRV ${instance.toLowerCase()}`, [...hostRecords, hostOnly]);
  }
  for (const one of hostRecords) aside.set(setKey(one), [...hostRecords, hostOnly]);
  return { shared, unique: records, along: (record) => aside.get(setKey(record)) ?? [] };
}

const instanceName = (name: string, type: string): string => `${instanceLabel(name)}.${typeName(type)}`;

type Unflushed<Of> = Of extends DnsRecord ? Omit<Of, 'flush'> : never;
const unique = (record: Unflushed<DnsRecord>): DnsRecord => ({ ...record, flush: true });

/** There is no other type of this name (RFC 6762 section 6.1). */
const only = (name: string, records: readonly DnsRecord[]): DnsRecord =>
  unique({
    name,
    ttl: hostLife,
    type: 'NSEC',
    data: { nextDomain: name, rrtypes: [...new Set(records.map(({ type }) => type))] }
  });
