import { nameKey } from './names.ts';
import type { Answer } from './wire.ts';

/** The DNS records that DNS-SD is made of, as `multicast-dns` takes and gives them. */
export type DnsRecord = {
  readonly name: string;
  /** Seconds. 0: it is gone. */
  readonly ttl: number;
  /** The cache-flush bit (RFC 6762 section 10.2): the sender is the only one who has this name. */
  readonly flush: boolean;
} & RecordData;

type RecordData =
  | { readonly type: 'PTR'; readonly data: string }
  | { readonly type: 'SRV'; readonly data: { readonly port: number; readonly target: string } & Weights }
  | { readonly type: 'TXT'; readonly data: Buffer[] }
  | { readonly type: 'A' | 'AAAA'; readonly data: string }
  | { readonly type: 'NSEC'; readonly data: { readonly nextDomain: string; readonly rrtypes: string[] } };
interface Weights {
  readonly priority?: number | undefined;
  readonly weight?: number | undefined;
}

const numbers = { A: 1, PTR: 12, TXT: 16, AAAA: 28, SRV: 33, NSEC: 47 } as const;

/** A received record; null for what we have no use for. */
export function readRecord(answer: Answer): DnsRecord | null {
  if (!('data' in answer) || !('name' in answer) || answer.class !== 'IN') return null;
  const base = { name: answer.name, ttl: answer.ttl ?? 0, flush: answer.flush ?? false };
  switch (answer.type) {
    case 'PTR':
    case 'A':
    case 'AAAA':
      return { ...base, type: answer.type, data: answer.data };
    case 'SRV':
      return { ...base, type: 'SRV', data: answer.data };
    case 'TXT':
      return { ...base, type: 'TXT', data: [answer.data].flat().map((string) => Buffer.from(string)) };
    default:
      return null;
  }
}

/** Equal for records that say the same, whatever their time to live. */
export const recordKey = (record: DnsRecord): string => `${setKey(record)} ${rdata(record).toString('base64')}`;
/** Equal for records of the same name and type. */
export const setKey = ({ name, type }: Pick<DnsRecord, 'name' | 'type'>): string => `${type} ${nameKey(name)}`;

/** Bytes on the wire, uncompressed. */
export const recordLength = (record: DnsRecord): number => nameBytes(record.name).length + 10 + rdata(record).length;

/** The order of RFC 6762 section 8.2, which decides between two that want a name at once: positive when `ours` wins. */
export function compareRecords(ours: readonly DnsRecord[], theirs: readonly DnsRecord[]): number {
  const [one, other] = [ours, theirs].map((records) => records.map(comparable).sort(Buffer.compare));
  for (let at = 0; ; at += 1) {
    const [mine, yours] = [one?.[at], other?.[at]];
    if (!mine || !yours) return (mine ? 1 : 0) - (yours ? 1 : 0);
    const order = Buffer.compare(mine, yours);
    if (order !== 0) return order;
  }
}

const comparable = (record: DnsRecord): Buffer => Buffer.concat([Buffer.from([numbers[record.type]]), rdata(record)]);

function rdata(record: DnsRecord): Buffer {
  switch (record.type) {
    case 'PTR':
      return nameBytes(record.data);
    case 'SRV': {
      const { priority = 0, weight = 0, port, target } = record.data;
      const fixed = Buffer.alloc(6);
      for (const [index, value] of [priority, weight, port].entries()) fixed.writeUInt16BE(value, index * 2);
      return Buffer.concat([fixed, nameBytes(target)]);
    }
    case 'TXT':
      return Buffer.concat(record.data.flatMap((string) => [Buffer.from([string.length]), string]));
    case 'A':
      return Buffer.from(record.data.split('.').map(Number));
    case 'AAAA':
      return addressBytes(record.data);
    case 'NSEC':
      return Buffer.concat([nameBytes(record.data.nextDomain), Buffer.alloc(8)]);
  }
}

const nameBytes = (name: string): Buffer =>
  Buffer.concat([
    ...name.split('.').flatMap((label) => [Buffer.from([Buffer.byteLength(label)]), Buffer.from(label)]),
    Buffer.alloc(1)
  ]);

function addressBytes(address: string): Buffer {
  const [head = '', tail = ''] = address.split('::');
  const words = (part: string) =>
    part
      .split(':')
      .filter(Boolean)
      .map((word) => Number.parseInt(word, 16));
  const [front, back] = [words(head), words(tail)];
  const bytes = Buffer.alloc(16);
  const all = [...front, ...Array<number>(Math.max(0, 8 - front.length - back.length)).fill(0), ...back];
  for (const [index, word] of all.slice(0, 8).entries()) bytes.writeUInt16BE(word & 0xffff, index * 2);
  return bytes;
}
