import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { nameKey, sameName, typeName } from './names.ts';
import type { FoundService } from './port.ts';
import { type CachedRecord, createRecordCache } from './record-cache.ts';
import type { DnsRecord } from './records.ts';
import { decodeTxt } from './txt.ts';
import type { Question } from './wire.ts';

/** What is known on one link of the services of one type. Remembers only what belongs to them, and only so many of them. */
export interface FoundServices {
  /** In whatever order they came. */
  take(records: readonly DnsRecord[]): void;
  /** Forgets what has expired, and what belonged to it. */
  sweep(): void;
  /** Full names. */
  instances(): readonly string[];
  /** Null while not all is known. */
  resolve(instance: string): FoundService | null;
  /** What must be asked to resolve it. */
  missing(instance: string): readonly Question[];
  pointers(): readonly CachedRecord[];
  records(): Iterable<CachedRecord>;
}

export function createFoundServices(type: string, link: string, clock: Clock): FoundServices {
  const name = typeName(type);
  const main = type.split('._sub.').at(-1) ?? type;
  const suffix = `.${main}.local`;
  const cache = createRecordCache(clock);
  const instances = new Set<string>();
  const targets = new Set<string>();

  const pointers = () => cache.get('PTR', name);
  const pointed = () => pointers().flatMap(({ record }) => (record.type === 'PTR' ? [record.data] : []));
  const server = (instance: string) => {
    const record = newest(cache.get('SRV', instance));
    return record?.type === 'SRV' ? record.data : undefined;
  };
  const text = (instance: string) => {
    const record = newest(cache.get('TXT', instance));
    return record?.type === 'TXT' ? record.data : undefined;
  };
  const addressed = (host: string) => [...cache.get('A', host), ...cache.get('AAAA', host)];

  function takeOne(record: DnsRecord): void {
    const key = nameKey(record.name);
    const rivals = cache.get(record.type, record.name).length;
    switch (record.type) {
      case 'PTR': {
        const instance = nameKey(record.data);
        if (!sameName(key, name) || !instance.endsWith(nameKey(suffix))) return;
        if (instances.size >= limits.mdnsServices && !instances.has(instance)) return;
        instances.add(instance);
        break;
      }
      case 'SRV':
      case 'TXT':
        if (!instances.has(key) || rivals >= mostRivals) return;
        if (record.type === 'SRV') targets.add(nameKey(record.data.target));
        break;
      default:
        if (!targets.has(key) || rivals >= limits.mdnsAddresses) return;
    }
    cache.put(record);
  }

  return {
    take(records) {
      // First the pointers, then what they point to, then where that is.
      for (const types of [['PTR'], ['SRV', 'TXT'], ['A', 'AAAA']]) {
        for (const record of records) if (types.includes(record.type)) takeOne(record);
      }
    },
    sweep() {
      cache.sweep(() => true);
      instances.clear();
      targets.clear();
      for (const instance of pointed()) {
        instances.add(nameKey(instance));
        const target = server(instance)?.target;
        if (target !== undefined) targets.add(nameKey(target));
      }
      cache.sweep(
        ({ type: kind, name: own }) => kind === 'PTR' || instances.has(nameKey(own)) || targets.has(nameKey(own))
      );
    },
    instances: pointed,
    resolve(instance) {
      const [srv, txt] = [server(instance), text(instance)];
      if (!srv || !txt) return null;
      const addresses = addressed(srv.target).flatMap(({ record }) =>
        record.type === 'A' || record.type === 'AAAA' ? [record.data] : []
      );
      if (addresses.length === 0) return null;
      return {
        name: instance.slice(0, -suffix.length),
        type: main,
        host: srv.target,
        port: srv.port,
        addresses: addresses.sort(),
        txt: decodeTxt(txt),
        link
      };
    },
    missing(instance) {
      const target = server(instance)?.target;
      const questions: Question[] = [];
      if (target === undefined) questions.push({ name: instance, type: 'SRV' });
      else if (addressed(target).length === 0)
        questions.push({ name: target, type: 'A' }, { name: target, type: 'AAAA' });
      if (!text(instance)) questions.push({ name: instance, type: 'TXT' });
      return questions;
    },
    pointers,
    records: cache.all
  };
}

/** How many may say that they are the one owner of a name, until the cache has settled it. */
const mostRivals = 4;

/** The newest of a set that its owner alone has. */
const newest = (set: readonly CachedRecord[]): DnsRecord | undefined => set.at(-1)?.record;
