import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Role } from '../../src-preload/contract/views.ts';
import { fromBase64url, toBase64url, wipe } from '../base/bytes.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { pause } from '../base/retry.ts';
import { createCertificateRequest, readCertificateRequest } from '../identity/certificate-request.ts';
import { readDeviceCertificate } from '../identity/device-certificate.ts';
import {
  createDeviceKeys,
  type DeviceIdentity,
  openDeviceIdentity,
  saveEnrollment
} from '../identity/device-identity.ts';
import { keyDescriptor, keyDescriptorDigest } from '../identity/key-descriptor.ts';
import { sealingKey, signingKey } from '../identity/keys.ts';
import { HostAndPort, nonceCommitment, pairingCode, parseEnrollmentToken } from '../identity/pairing-code.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { type Enrollment, type PairingOpen, PairingOpened, PairingResult } from '../protocol/pairing-api.ts';
import { checkEnrollment } from './enrollment-check.ts';
import { openPairingConnection, type PairingConnection } from './pairing-connection.ts';

/**
 * The device's side of pairing. Resolves when this machine is approved and its identity is on disk. Throws
 * `pairing-expired`, `pairing-rejected`, `coordinator-unreachable`, `pairing-code-mismatch` (another machine answered than
 * before, or than the token names), `token-invalid`, `certificate-invalid` (what was handed out does not hold together),
 * `conflict` (already paired), or the signal's reason.
 */
export async function pairDevice(options: {
  /** `host:port` of the pairing listener; or a token, which names it and pre-approves. */
  readonly coordinator?: string;
  readonly token?: string;
  readonly name: string;
  readonly roles: readonly Role[];
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly signal: AbortSignal;
  /** The six digits to compare. `expires`: RFC 3339. Not called when a token pre-approves. */
  readonly onCode: (code: string, expires: string) => void;
  readonly clock: Clock;
  readonly logger: Logger;
}): Promise<DeviceIdentity> {
  const { name, roles, dataDir, secrets, signal, clock, logger } = options;
  const token = options.token === undefined ? undefined : parseEnrollmentToken(options.token);
  const address = HostAndPort.safeParse(token?.coordinator ?? options.coordinator);
  if (!address.success) throw new LetterlockError('input-invalid', 'coordinator: host:port');
  if (await openDeviceIdentity(dataDir, secrets)) throw new LetterlockError('conflict', 'already paired');

  const keys = await createDeviceKeys();
  const connection = openPairingConnection({ address: address.data, pin: token?.certificateSha256, signal });
  try {
    const csr = createCertificateRequest({ privateKeyPem: keys.tlsPrivateKeyPem, name });
    const publicKeys = { signing: signingKey(keys.signing).publicKey, sealing: sealingKey(keys.sealing).publicKey };
    const nonce = randomBytes(32);

    const open: PairingOpen = {
      name,
      roles: [...roles],
      csr,
      signing: toBase64url(publicKeys.signing),
      sealing: toBase64url(publicKeys.sealing),
      commitment: nonceCommitment(nonce),
      ...(token ? { token: token.secret } : {})
    };
    const opened = await connection.post('/pair/v1/requests', open, PairingOpened);
    const code = pairingCode({
      deviceNonce: nonce,
      coordinatorNonce: nonceOf(opened),
      csrSha256: readCertificateRequest(csr).sha256,
      descriptorSha256: keyDescriptorDigest(keyDescriptor(publicKeys)),
      coordinatorCertificateSha256: readDeviceCertificate(connection.certificate()).sha256
    });
    const reveal = { nonce: toBase64url(nonce) };
    await connection.post(`/pair/v1/requests/${opened.id}/reveal`, reveal, z.unknown());
    if (!token) options.onCode(code, opened.expires);

    const enrollment = await approval({ connection, opened, reveal, clock, signal, logger });
    checkEnrollment(enrollment, connection.certificate(), clock.now());
    return await saveEnrollment({ dataDir, secrets, keys, enrollment });
  } finally {
    connection.close();
    wipe(keys.signing, keys.sealing);
  }
}

function nonceOf({ nonce }: PairingOpened): Uint8Array {
  const bytes = fromBase64url(nonce);
  if (!bytes) throw new LetterlockError('input-invalid', 'nonce of the coordinator');
  return bytes;
}

const retryDelay = 2_000;

/**
 * Asks until a person has decided; a coordinator that is away for a moment is asked again. The end is counted on our own
 * clock, which may differ from the coordinator's.
 */
async function approval(options: {
  readonly connection: PairingConnection;
  readonly opened: PairingOpened;
  readonly reveal: { readonly nonce: string };
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly logger: Logger;
}): Promise<Enrollment> {
  const { connection, opened, reveal, clock, signal, logger } = options;
  const end = clock.now() + limits.pairingSeconds * 1000;
  while (clock.now() < end) {
    try {
      const result = await connection.post(`/pair/v1/requests/${opened.id}/result`, reveal, PairingResult);
      if (result.state === 'approved') return result.enrollment;
      if (result.state === 'rejected') throw new LetterlockError('pairing-rejected');
      if (result.state === 'expired') break;
    } catch (error) {
      if (!(error instanceof LetterlockError) || error.code !== 'coordinator-unreachable') throw error;
      logger.debug({ error }, 'pairing: coordinator away');
      await pause(retryDelay, clock, signal);
    }
  }
  throw new LetterlockError('pairing-expired');
}
