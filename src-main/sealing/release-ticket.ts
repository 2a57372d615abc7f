import { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { fromBase32hex, toBase32hex } from '../base/base32hex.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { type SigningKey, verifySignature } from '../identity/keys.ts';
import { statementBytes } from '../identity/signed-statement.ts';
import { idBytes, keySize } from './key-schedule.ts';

/**
 * Custody `strict`: the job part on the way in its owner's hand, as a text for a QR code (docs/spec/sealing.md, "Release ticket").
 * Who has the text has J, and with it the title; nothing else. It is shown and read, never stored or logged.
 */
export interface ReleaseTicket {
  readonly job: JobId;
  /** That printed the job, keeps J and made this. */
  readonly device: DeviceId;
  /** Milliseconds since the Unix epoch; a ticket keeps whole seconds. */
  readonly expires: number;
  /** J, 32 bytes. Wipe it after use. */
  readonly jobPart: Uint8Array;
}

const version = 1;
const at = { job: 1, device: 17, expires: 33, jobPart: 37, signature: 69, end: 133 } as const;
const prefix = 'LLT1.';
/** Scanners that are keyboards may type either case. */
const shape = /^LLT1\.[0-9A-V]{213}$/i;

export async function writeTicket(ticket: ReleaseTicket, key: SigningKey): Promise<string> {
  const bytes = Buffer.alloc(at.end);
  bytes.writeUInt8(version);
  bytes.set(idBytes(ticket.job), at.job);
  bytes.set(idBytes(ticket.device), at.device);
  bytes.writeUInt32BE(Math.floor(ticket.expires / 1000), at.expires);
  bytes.set(ticket.jobPart.subarray(0, keySize), at.jobPart);
  const said = signedPart(bytes);
  try {
    bytes.set(await key.sign(said), at.signature);
    return prefix + toBase32hex(bytes);
  } finally {
    wipe(bytes, said);
  }
}

/**
 * `publicKeyOf`: the Ed25519 key of a device that may make tickets; undefined where there is none. Throws `ticket-invalid` for
 * whatever such a device did not sign, `ticket-expired`. That it is the device which printed the job is for the caller to see.
 */
export function openTicket(
  text: string,
  { publicKeyOf, now }: { publicKeyOf(device: DeviceId): Uint8Array | undefined; readonly now: number }
): ReleaseTicket {
  const bytes = bytesOf(text);
  const said = signedPart(bytes);
  try {
    const job = idAt(bytes, at.job, JobId);
    const device = idAt(bytes, at.device, DeviceId);
    const publicKey = publicKeyOf(device);
    if (!publicKey) throw new LetterlockError('ticket-invalid', 'the computer that made it is not approved');
    if (!verifySignature(publicKey, said, bytes.subarray(at.signature)))
      throw new LetterlockError('ticket-invalid', 'signature');
    const expires = bytes.readUInt32BE(at.expires) * 1000;
    if (expires <= now) throw new LetterlockError('ticket-expired');
    return { job, device, expires, jobPart: Uint8Array.from(bytes.subarray(at.jobPart, at.signature)) };
  } finally {
    wipe(bytes, said);
  }
}

function bytesOf(text: string): Buffer {
  const bytes = shape.test(text) ? fromBase32hex(text.slice(prefix.length).toUpperCase()) : null;
  if (bytes?.length !== at.end || bytes[0] !== version) throw new LetterlockError('ticket-invalid', 'layout');
  return Buffer.from(bytes.buffer);
}

const signedPart = (bytes: Buffer): Uint8Array => statementBytes('release-ticket', bytes.subarray(0, at.signature));

function idAt<Id>(bytes: Buffer, offset: number, schema: { safeParse(text: string): { data?: Id | undefined } }): Id {
  const text = bytes.toString('hex', offset, offset + 16).replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  const id = schema.safeParse(text).data;
  if (id === undefined) throw new LetterlockError('ticket-invalid', 'id');
  return id;
}
