import type { Clock } from '../base/clock.ts';
import { type DnsRecord, recordKey, setKey } from './records.ts';

export interface CachedRecord {
  readonly record: DnsRecord;
  readonly received: number;
  /** Milliseconds since the Unix epoch. */
  expires: number;
  /** How often it was asked for again because its life ends. */
  renewals: number;
}

/** What one link's answers said, for as long as they said that it holds (RFC 6762 section 10). Keeps whatever it is given: bounds are its user's. */
export interface RecordCache {
  put(record: DnsRecord): void;
  /** What is known of a name, newest last. */
  get(type: DnsRecord['type'], name: string): readonly CachedRecord[];
  all(): Iterable<CachedRecord>;
  /** Forgets what has expired, and what `keep` no longer wants. */
  sweep(keep: (record: DnsRecord) => boolean): void;
}

/** Longer lives are not believed: a day. */
const longest = 86_400;

export function createRecordCache(clock: Clock): RecordCache {
  /** By name and type, then by what the record says. */
  const sets = new Map<string, Map<string, CachedRecord>>();
  const all = function* () {
    for (const set of sets.values()) yield* set.values();
  };
  return {
    put(record) {
      const now = clock.now();
      const set = sets.get(setKey(record)) ?? new Map<string, CachedRecord>();
      sets.set(setKey(record), set);
      if (record.flush) {
        // Others of this name are gone in a second, unless they came just now in another datagram.
        for (const one of set.values()) if (now - one.received > 1000) one.expires = Math.min(one.expires, now + 1000);
      }
      const key = recordKey(record);
      const known = set.get(key);
      if (record.ttl === 0 && !known) return;
      const expires = now + Math.min(record.ttl || 1, longest) * 1000;
      set.delete(key);
      if (record.ttl === 0 && known) set.set(key, { ...known, expires: Math.min(known.expires, expires) });
      else set.set(key, { record, received: now, expires, renewals: 0 });
    },
    get: (type, name) => [...(sets.get(setKey({ type, name })) ?? new Map<string, CachedRecord>()).values()],
    all,
    sweep(keep) {
      const now = clock.now();
      for (const [name, set] of sets) {
        for (const [key, { record, expires }] of set) if (expires <= now || !keep(record)) set.delete(key);
        if (set.size === 0) sets.delete(name);
      }
    }
  };
}
