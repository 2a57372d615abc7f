import { createHash } from 'node:crypto';
import { z } from 'zod';
import { fromBase64url, toBase64url, utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';

/**
 * What people compare, and what stands in for them. The code is derived from all that a man in the middle would have to
 * change; commit-then-reveal keeps him from choosing a nonce that makes both screens agree, so one guess in a million is
 * all he has.
 */
export function pairingCode(input: {
  /** 32 bytes each. */
  readonly deviceNonce: Uint8Array;
  readonly coordinatorNonce: Uint8Array;
  /** Lower-case hex. */
  readonly csrSha256: string;
  readonly descriptorSha256: string;
  readonly coordinatorCertificateSha256: string;
}): string {
  const digests = [input.csrSha256, input.descriptorSha256, input.coordinatorCertificateSha256];
  const fields = [input.deviceNonce, input.coordinatorNonce, ...digests.map((digest) => Buffer.from(digest, 'hex'))];
  if (fields.some(({ length }) => length !== 32)) throw new TypeError('pairing code: 32 bytes each');
  const hash = createHash('sha256').update('letterlock/v1/pairing-code\0');
  for (const field of fields) hash.update(field);
  // 64 bits over a million codes: no code is noticeably more likely than another
  return (hash.digest().readBigUInt64BE() % 1_000_000n).toString().padStart(6, '0');
}

/** SHA-256 of a pairing nonce, base64url: what the device sends before it reveals the nonce. */
export const nonceCommitment = (nonce: Uint8Array): string => createHash('sha256').update(nonce).digest('base64url');

export interface EnrollmentToken {
  /** Pairing listener, `host:port`. */
  readonly coordinator: string;
  /** base64url of 32 bytes. The coordinator keeps only a hash of it. */
  readonly secret: string;
  /** SHA-256 of the DER certificate of the pairing listener, lower-case hex. */
  readonly certificateSha256: string;
}

/** `ll1.<host:port base64url>.<secret base64url>.<certificate sha256 base64url>` */
export function formatEnrollmentToken(token: EnrollmentToken): string {
  const certificate = Buffer.from(token.certificateSha256, 'hex');
  return ['ll1', toBase64url(utf8(token.coordinator)), token.secret, toBase64url(certificate)].join('.');
}

/** Throws `token-invalid` for anything that `formatEnrollmentToken` did not make. */
export function parseEnrollmentToken(text: string): EnrollmentToken {
  const [version, coordinator, secret = '', certificate = '', ...rest] = text.trim().split('.');
  const address = Buffer.from(fromBase64url(coordinator ?? '') ?? []).toString('utf8');
  const digest = fromBase64url(certificate);
  const ok = version === 'll1' && rest.length === 0 && fromBase64url(secret)?.length === 32 && digest?.length === 32;
  if (!ok || !HostAndPort.safeParse(address).success) throw new LetterlockError('token-invalid', 'not a token');
  return { coordinator: address, secret, certificateSha256: Buffer.from(digest).toString('hex') };
}

/** `host:port`, as people type it: a name, an IPv4 address or an IPv6 address in brackets. */
export const HostAndPort = z
  .string()
  .trim()
  .max(300)
  .regex(/^([A-Za-z0-9.-]+|\[[0-9A-Fa-f:.]+\]):\d{1,5}$/);
