import { TLSSocket } from 'node:tls';
import type { DeviceId, OrganizationId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { readDeviceCertificate } from './device-certificate.ts';

/** Who is at the other end, as the authority certified it. */
export interface PeerIdentity {
  readonly device: DeviceId;
  readonly organization: OrganizationId;
  /** SHA-256 of the peer's key descriptor, lower-case hex: must equal `keyDescriptorDigest` of its directory keys. */
  readonly descriptorSha256: string;
  /** SHA-256 of the DER certificate, lower-case hex. */
  readonly certificateSha256: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
}

const known = new WeakMap<TLSSocket, PeerIdentity>();

/**
 * The peer of a TLS connection, from its verified certificate and from nothing else. A server may have resumed the
 * session: its certificate was verified when the session began, so its end is looked at again on each call.
 * Throws `certificate-invalid` when there is none, it was not verified, or it has expired meanwhile.
 */
export function peerOf(socket: unknown, now: number = Date.now()): PeerIdentity {
  if (!(socket instanceof TLSSocket) || !socket.authorized) throw new LetterlockError('certificate-invalid', 'no peer');
  const peer = known.get(socket) ?? identify(socket);
  if (peer.validTo <= now) throw new LetterlockError('certificate-invalid', 'expired');
  return peer;
}

function identify(socket: TLSSocket): PeerIdentity {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new LetterlockError('certificate-invalid', 'no certificate');
  const { sha256, ...peer } = readDeviceCertificate(certificate);
  const identity = { ...peer, certificateSha256: sha256 };
  known.set(socket, identity);
  return identity;
}
