import type { RemoteInfo } from 'node:dgram';
import type { Claim } from './claim.ts';
import { sameName } from './names.ts';
import type { Timing } from './probe.ts';
import { type DnsRecord, recordKey, recordLength } from './records.ts';
import type { ServiceRecords } from './service-records.ts';
import type { Message, Question, Wire } from './wire.ts';

export interface Responder {
  /** Answers what the claims know, soon and once (RFC 6762 section 6). */
  onQuery(query: Message, from: RemoteInfo): void;
  /** Says records unasked: announcements, and goodbyes with a life of 0. Resolves when they were sent. */
  tell(records: readonly DnsRecord[]): Promise<void>;
  close(): void;
}

interface Pending {
  readonly record: DnsRecord;
  readonly owner: ServiceRecords;
  /** The only one who asked: what it turns out to know isn't sent. Null: several did. */
  asker: string | null;
  /** Milliseconds that must have gone by since it was last sent. */
  readonly rest: number;
}

/** Answers on one link for all announced claims. */
export function createResponder(wire: Wire, port: number, claims: () => Iterable<Claim>, timing: Timing): Responder {
  const { clock, random } = timing;
  const pending = new Map<string, Pending>();
  /** When each of our records was last multicast. */
  const sent = new Map<string, number>();
  let cancel: (() => void) | null = null;

  function onQuery(query: Message, from: RemoteInfo): void {
    const asker = `${from.address} ${from.port}`;
    const known = knownAnswers(query);
    for (const [key, { asker: only }] of pending) if (only === asker && known.has(key)) pending.delete(key);
    const found = [...claims()]
      .filter(({ announced }) => announced)
      .flatMap((claim) => answers(query, claim.records(wire.link)));
    const wanted = found.filter(({ record }) => (known.get(recordKey(record)) ?? 0) < record.ttl / 2);
    if (wanted.length === 0) return;
    if (from.port !== port) {
      reply(query, wanted, from);
      return;
    }
    const rest = query.authorities.length > 0 ? 250 : 1000; // a probe is answered in time
    for (const { record, owner } of wanted) {
      const key = recordKey(record);
      const several = pending.has(key) && pending.get(key)?.asker !== asker;
      pending.set(key, { record, owner, rest, asker: several ? null : asker });
    }
    if (!query.truncated && wanted.every(({ record }) => record.flush)) flush();
    else cancel ??= clock.after(query.truncated ? 400 + random() * 100 : 20 + random() * 100, flush);
  }

  function flush(): void {
    cancel?.();
    cancel = null;
    const now = clock.now();
    for (const [key, at] of sent) if (now - at > 1000) sent.delete(key);
    const due = [...pending].filter(([key, { rest }]) => now - (sent.get(key) ?? Number.NEGATIVE_INFINITY) >= rest);
    pending.clear();
    if (due.length > 0)
      void send(
        due.map(([, one]) => one.record),
        aside(due.map(([, one]) => one))
      );
  }

  function reply(query: Message, wanted: readonly Pick<Pending, 'record' | 'owner'>[], from: RemoteInfo): void {
    const [first = []] = packets(wanted.map(({ record }) => record));
    wire.reply(query, first, fitting(first, aside(wanted)), from);
  }

  async function send(records: readonly DnsRecord[], along: readonly DnsRecord[] = []): Promise<void> {
    for (const packet of packets(records)) {
      for (const record of packet) sent.set(recordKey(record), clock.now());
      await wire.respond(packet, fitting(packet, along));
    }
  }
  return {
    onQuery,
    tell: (records) => send(records),
    close() {
      cancel?.();
      pending.clear();
    }
  };
}

/** Bytes of records in a datagram that no Ethernet has to cut. */
const room = 1400;

/** What the asker says that it knows, with the seconds that are left. */
const knownAnswers = ({ answers }: Message): Map<string, number> =>
  new Map(answers.map((record) => [recordKey(record), record.ttl]));

function answers({ questions }: Message, owner: ServiceRecords): { record: DnsRecord; owner: ServiceRecords }[] {
  const found = questions.filter(isInternet).flatMap((question) => {
    const named = [...owner.shared, ...owner.unique].filter(({ name }) => sameName(name, question.name));
    const wanted = named.filter(
      ({ type }) => type === question.type || ((question.type as string) === 'ANY' && type !== 'NSEC')
    );
    return wanted.length > 0 ? wanted : named.filter(({ type }) => type === 'NSEC');
  });
  return [...new Set(found)].map((record) => ({ record, owner }));
}

/** Class IN or ANY, also with the bit that wants a unicast answer (RFC 6762 section 5.4): a multicast one serves all. */
const isInternet = (question: Question): boolean =>
  ['IN', 'ANY', 'UNKNOWN_32769', 'UNKNOWN_33023'].includes(question.class ?? 'IN');

const aside = (answered: readonly Pick<Pending, 'record' | 'owner'>[]): DnsRecord[] => {
  const said = new Set(answered.map(({ record }) => record));
  return [...new Set(answered.flatMap(({ record, owner }) => owner.along(record)))].filter(
    (record) => !said.has(record)
  );
};

const fitting = (packet: readonly DnsRecord[], along: readonly DnsRecord[]): DnsRecord[] => {
  let left = room - lengthOf(packet);
  return along.filter((record) => {
    left -= recordLength(record);
    return left >= 0;
  });
};

function packets(records: readonly DnsRecord[]): DnsRecord[][] {
  const all: DnsRecord[][] = [];
  for (const record of records) {
    const last = all.at(-1);
    if (last && lengthOf(last) + recordLength(record) <= room) last.push(record);
    else all.push([record]);
  }
  return all;
}

const lengthOf = (records: readonly DnsRecord[]): number =>
  records.reduce((sum, record) => sum + recordLength(record), 0);
