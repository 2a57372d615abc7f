import type { RemoteInfo, Socket } from 'node:dgram';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { type Link, onLink } from './links.ts';
import { createRateLimit } from './rate-limit.ts';

/**
 * Stands between a socket and the parsers that listen to it: what is malformed, too much or from elsewhere doesn't reach them.
 * To be called right after they were attached.
 */
export function guardSocket(
  socket: Socket,
  link: Link,
  clock: Clock,
  accept: (type: number, data: Buffer) => boolean = () => true
): void {
  const parsers = socket.listeners('message') as ((bytes: Buffer, from: RemoteInfo) => void)[];
  const isNear = onLink(link);
  const admit = createRateLimit(clock);
  socket.removeAllListeners('message');
  socket.on('message', (bytes: Buffer, from: RemoteInfo) => {
    if (!isNear(from.address) || !admit(from.address) || !isDnsMessage(bytes, accept)) return;
    for (const parse of parsers) parse.call(socket, bytes, from);
  });
}

/**
 * Whether a datagram is one DNS message and no more, and may be shown to a parser: sections that fit, data as long as it must be,
 * names that end, pointers that lead backwards and soon to an end (RFC 1035 section 4.1.4). The parsers behind it are less careful:
 * `dns-js` never returns from a name that points to itself, and reads on where a record's data should have ended. `accept` is asked about each record's type and data.
 */
export function isDnsMessage(bytes: Buffer, accept: (type: number, data: Buffer) => boolean = () => true): boolean {
  if (bytes.length < 12 || bytes.length > limits.mdnsMessage) return false;
  const questions = bytes.readUInt16BE(4);
  const records = bytes.readUInt16BE(6) + bytes.readUInt16BE(8) + bytes.readUInt16BE(10);
  if (questions + records > limits.mdnsMessageRecords) return false;
  let at = 12;
  for (let index = 0; index < questions + records; index += 1) {
    const named = nameEnd(bytes, at);
    const fixed = index < questions ? 4 : 10;
    if (named < 0 || named + fixed > bytes.length) return false;
    at = named + fixed;
    if (index < questions) continue;
    const type = bytes.readUInt16BE(named);
    const end = at + bytes.readUInt16BE(at - 2);
    if (end > bytes.length) return false;
    const nameAt = namedData[type];
    if (nameAt !== undefined && nameEnd(bytes, at + nameAt) !== end) return false;
    if (end - at !== (addressLength[type] ?? end - at)) return false;
    if (!accept(type, bytes.subarray(at, end))) return false;
    at = end;
  }
  return at === bytes.length;
}

/** Where in their data the records that we read have a name: NS, CNAME, PTR and SRV. */
const namedData: Record<number, number> = { 2: 0, 5: 0, 12: 0, 33: 6 };
/** How long addresses are: A and AAAA. Parsers go by this and not by what the record says. */
const addressLength: Record<number, number> = { 1: 4, 28: 16 };

/** Where what follows a name begins; -1 for a name that isn't one. */
function nameEnd(bytes: Buffer, start: number): number {
  let at = start;
  let end = -1;
  let length = 0;
  for (let jumps = 0; ; ) {
    const size = bytes[at];
    if (size === undefined) return -1;
    if (size === 0) return end < 0 ? at + 1 : end;
    if (size < 0x40) {
      length += size + 1;
      at += size + 1;
      if (length > 254) return -1;
    } else {
      const low = bytes[at + 1];
      jumps += 1;
      if (size < 0xc0 || low === undefined || jumps > 16) return -1;
      if (end < 0) end = at + 2;
      const target = ((size & 0x3f) << 8) | low;
      if (target >= at || target < 12) return -1;
      at = target;
    }
  }
}
