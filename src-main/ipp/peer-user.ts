import { createReadStream } from 'node:fs';
import { isIPv4 } from 'node:net';
import { endianness } from 'node:os';
import { KiB, MiB } from '../base/limits.ts';

/** Both ends of a TCP connection as its owner sees them. */
export interface Endpoints {
  readonly localAddress?: string | undefined;
  readonly localPort?: number | undefined;
  readonly remoteAddress?: string | undefined;
  readonly remotePort?: number | undefined;
}

/**
 * The user id of the process at the other end of a connection from this machine, read from the kernel's table of TCP sockets
 * (proc_pid_net(5); Linux only). Null: not known, because it is another platform or machine, or the other side has left:
 * a socket that no process holds any more shows user 0 and inode 0 and proves nothing.
 */
export async function peerUser(
  { localAddress = '', localPort = 0, remoteAddress = '', remotePort = 0 }: Endpoints,
  tables: readonly string[] = process.platform === 'linux' ? ['/proc/net/tcp', '/proc/net/tcp6'] : []
): Promise<number | null> {
  if (localAddress === remoteAddress && localPort === remotePort) return null; // connected to itself: both rows are one
  // twice: the kernel hands a long table out in pieces, and may skip a row when another one goes in between
  for (const table of [...tables, ...tables]) {
    const form = table.endsWith('6') ? wideHex : narrowHex;
    const [theirs, ours] = [form(remoteAddress), form(localAddress)];
    if (theirs === null || ours === null) continue;
    const uid = await userOf(table, ` ${theirs}:${portHex(remotePort)} ${ours}:${portHex(localPort)} ${established} `);
    if (uid !== null) return uid;
  }
  return null;
}

const established = '01';
/** Enough for a hundred thousand sockets; beyond it nobody is known. */
const longestTable = 16 * MiB;

/** After both addresses and the state come queues, timers, retransmits, uid, timeout and inode. */
async function userOf(table: string, ends: string): Promise<number | null> {
  let rest = '';
  try {
    for await (const chunk of createReadStream(table, {
      encoding: 'latin1',
      highWaterMark: 64 * KiB,
      end: longestTable
    })) {
      const lines = (rest + chunk).split('\n');
      rest = lines.pop() ?? '';
      const row = lines.find((line) => line.includes(ends));
      if (!row) continue;
      const [, , , uid, , inode] = row.slice(row.indexOf(ends) + ends.length).split(/ +/);
      return /^\d+$/.test(uid ?? '') && /^[1-9]\d*$/.test(inode ?? '') ? Number(uid) : null;
    }
  } catch {
    // No such table here, or it may not be read: then nobody is known.
  }
  return null;
}

const portHex = (port: number): string => port.toString(16).toUpperCase().padStart(4, '0');

const narrowHex = (address: string): string | null => {
  const plain = address.replace(/^::ffff:/i, '');
  return isIPv4(plain) ? words(Buffer.from(plain.split('.').map(Number))) : null;
};

/** IPv4 in the IPv6 table is mapped (RFC 4291 section 2.5.5.2): clients on a socket for both. */
const wideHex = (address: string): string | null => {
  const narrow = narrowHex(address);
  if (narrow) return `${'0'.repeat(16)}${words(Buffer.from([0, 0, 0xff, 0xff]))}${narrow}`;
  const [head = '', tail] = address.split('%', 1)[0]?.split('::') ?? [];
  const groups = (text: string | undefined) => (text ? text.split(':') : []);
  const [left, right] = [groups(head), groups(tail)];
  const missing = 8 - left.length - right.length;
  if (tail === undefined ? missing !== 0 : missing < 1) return null;
  const all = [...left, ...Array<string>(missing).fill('0'), ...right].map((group) => group.padStart(4, '0'));
  return words(Buffer.from(all.join(''), 'hex'));
};

/** The kernel prints an address as numbers of 32 bits, each in the machine's own byte order. */
const words = (bytes: Buffer): string => (endianness() === 'LE' ? bytes.swap32() : bytes).toString('hex').toUpperCase();
