import { createSocket, type RemoteInfo } from 'node:dgram';
import multicastDns from 'multicast-dns';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { guardSocket } from './guard.ts';
import type { Link } from './links.ts';
import { type DnsRecord, readRecord } from './records.ts';

type Packet = multicastDns.QueryPacket | multicastDns.ResponsePacket;
export type Answer = NonNullable<Packet['answers']>[number];
export type Question = NonNullable<Packet['questions']>[number];

/** What came in one datagram: questions, and the records that we have a use for. */
export interface Message {
  readonly type: 'query' | 'response';
  readonly id: number;
  /** More known answers follow (RFC 6762 section 7.2). */
  readonly truncated: boolean;
  readonly questions: readonly Question[];
  readonly answers: readonly DnsRecord[];
  readonly authorities: readonly DnsRecord[];
  readonly additionals: readonly DnsRecord[];
}

/** Multicast DNS on one link, over IPv4 and IPv6 where the link has them. */
export interface Wire {
  readonly link: Link;
  query(questions: readonly Question[], known?: readonly DnsRecord[], authorities?: readonly DnsRecord[]): void;
  respond(answers: readonly DnsRecord[], additionals?: readonly DnsRecord[]): Promise<void>;
  /** To one who asked from another port than ours and cannot hear multicast (RFC 6762 section 6.7). */
  reply(request: Message, answers: readonly DnsRecord[], additionals: readonly DnsRecord[], to: RemoteInfo): void;
  /** For messages that are well-formed, from the link and not too many. Returns what takes the listener back. */
  onMessage(listener: MessageListener): () => void;
  close(): Promise<void>;
}

type MessageListener = (message: Message, from: RemoteInfo) => void;

export interface WireOptions {
  readonly link: Link;
  /** 5353 but in tests. */
  readonly port: number;
  readonly clock: Clock;
  readonly logger: Logger;
}

/** Rejects with `conflict` when no socket could be opened. */
export async function openWire(options: WireOptions): Promise<Wire> {
  const families = new Map(options.link.addresses.map((one) => [one.family, one.address]));
  const opened = await Promise.allSettled(
    [...families].map(([family, address]) => openFamily(family, address, options))
  );
  const wires = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  if (wires.length === 0) {
    const cause = opened.find((one) => one.status === 'rejected')?.reason;
    throw new LetterlockError('conflict', `multicast DNS on ${options.link.name}`, { cause });
  }
  const listeners = new Set<MessageListener>();
  for (const wire of wires) {
    wire.onPacket((packet, from) => {
      const message = messageOf(packet);
      for (const listener of listeners) listener(message, from);
    });
  }
  return {
    link: options.link,
    query(questions, known = [], authorities = []) {
      for (const wire of wires) {
        wire.send({
          type: 'query',
          questions: [...questions],
          answers: answersOf(known),
          authorities: answersOf(authorities)
        });
      }
    },
    respond: async (answers, additionals = []) =>
      void (await Promise.all(
        wires.map((wire) =>
          wire.send({
            type: 'response',
            flags: authoritative,
            answers: answersOf(answers),
            additionals: answersOf(additionals)
          })
        )
      )),
    reply({ id, questions }, answers, additionals, to) {
      const wire = wires.find(({ family }) => family === to.family);
      const legacy = (records: readonly DnsRecord[]) =>
        answersOf(records.map((record) => ({ ...record, flush: false, ttl: Math.min(record.ttl, 10) })));
      const packet = { id, questions: [...questions], answers: legacy(answers), additionals: legacy(additionals) };
      void wire?.send({ ...packet, type: 'response', flags: authoritative }, to);
    },
    onMessage(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    close: async () => void (await Promise.all(wires.map((wire) => wire.close())))
  };
}

const authoritative = 1 << 10;
const truncated = 1 << 9;

function messageOf(packet: Packet): Message {
  const records = (answers: readonly Answer[] = []) => answers.map(readRecord).filter((record) => record !== null);
  return {
    type: packet.type,
    id: packet.id ?? 0,
    truncated: ((packet.flags ?? 0) & truncated) !== 0,
    questions: packet.questions ?? [],
    answers: records(packet.answers),
    authorities: records(packet.authorities),
    additionals: records(packet.additionals)
  };
}

/** Copies: the encoder changes what it is given. */
const answersOf = (records: readonly DnsRecord[]): Answer[] =>
  records.map(
    (record) =>
      ({ ...record, class: 'IN', data: Array.isArray(record.data) ? [...record.data] : record.data }) as Answer
  );

interface FamilyWire {
  readonly family: 'IPv4' | 'IPv6';
  /** Resolves when it was sent, or could not be. */
  send(packet: object, to?: RemoteInfo): Promise<void>;
  onPacket(listener: (packet: Packet, from: RemoteInfo) => void): void;
  close(): Promise<void>;
}

function openFamily(
  family: 'IPv4' | 'IPv6',
  address: string,
  { link, port, clock, logger }: WireOptions
): Promise<FamilyWire> {
  const six = family === 'IPv6';
  const type = six ? 'udp6' : 'udp4';
  const socket = createSocket({ type, reuseAddr: true, ipv6Only: six });
  const dns = multicastDns({
    socket,
    type,
    port,
    ip: six ? 'ff02::fb' : '224.0.0.251',
    interface: six ? `::%${link.name}` : address,
    bind: six ? '::' : '0.0.0.0' // bound to the interface's own address it would hear no multicast
  });
  guardSocket(socket, link, clock);
  const wire: FamilyWire = {
    family,
    send: (packet, to) =>
      new Promise((done) => {
        const sent = (error?: Error | null) => {
          if (error) logger.debug({ link: link.name, family, error }, 'multicast DNS could not send');
          done();
        };
        const target = to ? { address: to.address, port: to.port } : undefined;
        (dns as unknown as Sender).send(packet, target, sent);
      }),
    onPacket: (listener) => void dns.on('packet', listener),
    close: () => new Promise((done) => dns.destroy(done))
  };
  return new Promise((resolve, reject) => {
    dns.on('warning', (error: Error) => logger.debug({ link: link.name, family, error }, 'multicast DNS'));
    dns.on('error', (error: Error) => {
      logger.warn({ link: link.name, family, error }, 'multicast DNS'); // a failed bind says so twice
      void wire.close();
      reject(error);
    });
    dns.once('ready', () => resolve(wire));
  });
}

/** What `multicast-dns` has beside what its types say: a packet of any kind. */
interface Sender {
  send(packet: object, to: { address: string; port: number } | undefined, done: (error?: Error | null) => void): void;
}
