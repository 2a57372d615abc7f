import { once } from 'node:events';
import type { AuditRow } from '../chain.ts';
import { asUnreachable, openReceiverSocket, type ReceiverAddress, refusal } from './receiver-socket.ts';

/**
 * Rows as syslog messages (RFC 5424) over TLS with octet counting (RFC 5425). Syslog has no answer; what stands in for one is
 * the end of the connection: we close after the batch, and a receiver that has read everything closes too (RFC 5425, section
 * 4.4). Until it did, the batch counts as not taken and is sent again. What it read and then lost is lost: who wants a receipt
 * for each row takes a webhook.
 */
export async function sendSyslog(
  address: ReceiverAddress,
  messages: readonly string[],
  signal: AbortSignal
): Promise<void> {
  const socket = await openReceiverSocket(address, signal);
  try {
    const ended = once(socket, 'end');
    socket.resume();
    socket.end(messages.map(framed).join(''));
    await ended;
    // Who closes before everything was sent has not read everything.
    if (!socket.writableFinished) throw refusal('closed too early');
  } catch (error) {
    throw asUnreachable(error);
  } finally {
    socket.destroy();
  }
}

/** The message of a row; the whole row as it is hashed is its text. `hostname`: the coordinator's machine. */
export const rowMessage = (row: AuditRow, { organization, hostname }: SyslogSource): string =>
  message({
    time: row.time,
    hostname,
    id: row.action,
    data: { organization, sequence: String(row.sequence), hash: row.hash, actor: row.actor, subject: row.subject },
    text: JSON.stringify(row)
  });

export const testMessage = (time: string, { organization, hostname }: SyslogSource): string =>
  message({
    time,
    hostname,
    id: 'test',
    data: { organization },
    text: 'A test of forwarding: no row of the audit log.'
  });

export interface SyslogSource {
  readonly organization: string;
  readonly hostname: string;
}

/** Facility 13 (log audit), severity 5 (notice). */
const priority = 13 * 8 + 5;
/** RFC 5424, section 6.3.2, wants a private enterprise number; 32473 is the one that is nobody's (RFC 5612). */
const dataId = 'letterlock@32473';
const bom = '\uFEFF';

function message(parts: {
  readonly time: string;
  readonly hostname: string;
  readonly id: string;
  readonly data: Readonly<Record<string, string>>;
  readonly text: string;
}): string {
  const data = Object.entries(parts.data).map(([name, value]) => ` ${name}="${value.replaceAll(/["\\\]]/g, '\\$&')}"`);
  const head = [
    `<${priority}>1`,
    parts.time,
    printable(parts.hostname, 255),
    'letterlock',
    '-',
    printable(parts.id, 32)
  ];
  return `${head.join(' ')} [${dataId}${data.join('')}] ${bom}${parts.text}`;
}

/** PRINTUSASCII, or the sign for nothing. */
const printable = (text: string, length: number): string =>
  text.replaceAll(/[^\x21-\x7e]/g, '').slice(0, length) || '-';

const framed = (text: string): string => `${Buffer.byteLength(text)} ${text}`;
