import { z } from 'zod';
import { PairingId, Role } from '../../src-preload/contract/index.ts';
import { Enrollment } from '../identity/enrollment.ts';

export { Enrollment };

/**
 * Pairing listener of the coordinator: HTTPS with server authentication only, on a port of its own; nothing else is served there.
 * Commit, then reveal: six digits resist a man in the middle because neither side can choose its nonce after seeing the other's.
 *
 *   POST /pair/v1/requests              PairingOpen   → PairingOpened
 *   POST /pair/v1/requests/:id/reveal   { nonce }     → {}
 *   POST /pair/v1/requests/:id/result   { nonce }     → PairingResult   (waits up to 25 s; ask again while pending)
 *
 * No GET has an effect. The code: see `pairingCode` in identity/.
 */
const Bytes32 = z.string().length(43);

export const PairingOpen = z.object({
  name: z.string().trim().min(1).max(128),
  roles: z.array(Role).min(1),
  /** PKCS#10, PEM. */
  csr: z.string().max(16 * 1024),
  /** Raw public keys, base64url. */
  signing: Bytes32,
  sealing: Bytes32,
  /** SHA-256(nonce), base64url. */
  commitment: Bytes32,
  /** Secret of an enrollment token: pre-approves. Only sent after the server's certificate matched the one named in the token. */
  token: z.string().max(128).optional()
});
export type PairingOpen = z.infer<typeof PairingOpen>;

export const PairingOpened = z.object({ id: PairingId, nonce: Bytes32, expires: z.iso.datetime() });
export type PairingOpened = z.infer<typeof PairingOpened>;

export const PairingResult = z.discriminatedUnion('state', [
  z.object({ state: z.literal('pending') }),
  z.object({ state: z.literal('rejected') }),
  z.object({ state: z.literal('expired') }),
  z.object({ state: z.literal('approved'), enrollment: Enrollment })
]);
export type PairingResult = z.infer<typeof PairingResult>;
