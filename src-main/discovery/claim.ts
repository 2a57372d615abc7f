import type { Link } from './links.ts';
import { hostLabel, instanceLabel, nameKey, nextHost, nextInstance, sameName } from './names.ts';
import type { Offer, TxtRecord } from './port.ts';
import { compareRecords, type DnsRecord, recordKey, setKey } from './records.ts';
import { type ServiceRecords, serviceRecords } from './service-records.ts';

/** Who else wants a name: somebody has it already, or asks at the same time and comes first in the order of RFC 6762 section 8.2. */
export type Contest = 'instance' | 'host' | 'tie';

/** An offer under the names that it has now, before and after they are ours. */
export interface Claim {
  readonly offer: Offer;
  /** Whether the names were won: only then are questions answered. */
  announced: boolean;
  /** What came up since `uncontested`. */
  contest(): Contest | null;
  uncontested(): void;
  /** Called when somebody contests a name. Returns what takes the listener back. */
  onContest(listener: () => void): () => void;
  /** The names that must be ours alone, with their records but those that deny others. */
  names(link: Link): ReadonlyMap<string, readonly DnsRecord[]>;
  records(link: Link): ServiceRecords;
  /** Takes the next name where the present one is lost. */
  yieldName(lost: 'instance' | 'host'): void;
  /** False: nothing changes. */
  update(txt: Readonly<Record<string, TxtRecord>>): boolean;
  /** A record that somebody says is so. */
  hear(record: DnsRecord, link: Link): void;
  /** Records that somebody else wants to have, while we want them too. */
  compete(records: readonly DnsRecord[], link: Link): void;
}

/** Throws `input-invalid` for an offer that DNS-SD cannot say. */
export function createClaim(wanted: Offer, links: readonly Link[]): Claim {
  let offer: Offer = { ...wanted, name: instanceLabel(wanted.name), host: hostLabel(wanted.host) };
  let contested: Contest | null = null;
  const listeners = new Set<() => void>();
  const cache = new Map<Link, ServiceRecords>();
  const addresses = new Set(links.flatMap((link) => link.addresses.map(({ address }) => address)));

  function records(link: Link): ServiceRecords {
    const known = cache.get(link) ?? serviceRecords(offer, link);
    cache.set(link, known);
    return known;
  }
  function change(next: Offer): void {
    offer = next;
    cache.clear();
  }
  function contest(by: Contest): void {
    contested = by;
    for (const listener of listeners) listener();
  }
  for (const link of links) records(link);

  const claim: Claim = {
    get offer() {
      return offer;
    },
    announced: false,
    contest: () => contested,
    uncontested: () => {
      contested = null;
    },
    onContest(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    records,
    names(link) {
      const names = new Map<string, DnsRecord[]>();
      for (const record of records(link).unique) {
        if (record.type !== 'NSEC')
          names.set(nameKey(record.name), [...(names.get(nameKey(record.name)) ?? []), record]);
      }
      return names;
    },
    yieldName(lost) {
      change(lost === 'host' ? { ...offer, host: nextHost(offer.host) } : { ...offer, name: nextInstance(offer.name) });
    },
    update(txt) {
      const services = offer.services.map((one) => ({ ...one, txt: txt[one.type] ?? one.txt }));
      const before = keysOf(claim, links);
      const previous = offer;
      change({ ...offer, services });
      try {
        return keysOf(claim, links) !== before;
      } catch (error) {
        change(previous);
        throw error;
      }
    },
    hear(record, link) {
      // A text that differs is no other owner: ours may have changed since, and whoever has the name has another SRV record.
      if (record.ttl === 0 || (record.type !== 'SRV' && record.type !== 'A' && record.type !== 'AAAA')) return;
      const own = records(link).unique.filter((one) => setKey(one) === setKey(record));
      if (own.length === 0 || own.some((one) => recordKey(one) === recordKey(record))) return;
      if (record.type === 'SRV') contest('instance');
      else if (!addresses.has(record.data)) contest('host'); // ours on another link of the same network
    },
    compete(theirs, link) {
      if (claim.announced) return; // then the answer to the probe decides
      for (const [name, own] of claim.names(link)) {
        const rival = theirs.filter((record) => sameName(record.name, name));
        if (rival.length > 0 && compareRecords(own, rival) < 0) contest('tie');
      }
    }
  };
  return claim;
}

const keysOf = (claim: Claim, links: readonly Link[]): string =>
  links.flatMap((link) => claim.records(link).unique.map(recordKey)).join('\n');
