import { X509Certificate } from 'node:crypto';
import { createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls';
import type { DeviceId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { readDeviceCertificate } from './device-certificate.ts';

/**
 * TLS between Letterlock machines: 1.3 only, both sides show a certificate, and the organization's authority is the only
 * one that counts. Who the peer is stands in its certificate (`peerOf`), never in its host name.
 */
export interface TlsIdentity {
  /** PKCS#8. */
  readonly keyPem: string;
  /** Its own; after it the link to an older authority, while there is one. */
  readonly certificatePem: string;
  /** The authority that issues now; after it the one before, while its certificates are about. */
  readonly authorityPem: string;
}

const version = { minVersion: 'TLSv1.3', maxVersion: 'TLSv1.3' } as const;
const http1 = { ALPNProtocols: ['http/1.1'] };

/** For https.createServer and `createDeviceServer`: a certificate of this organization is required. */
export const deviceTlsServer = ({ identity: { tls } }: { readonly identity: { readonly tls: TlsIdentity } }) => ({
  ...version,
  ...http1,
  key: tls.keyPem,
  cert: tls.certificatePem,
  ca: tls.authorityPem,
  requestCert: true,
  rejectUnauthorized: true
});

/** For the pairing and web listeners: the server alone shows a certificate. */
export const publicTlsServer = ({ identity: { tls } }: { readonly identity: { readonly tls: TlsIdentity } }) => ({
  ...version,
  ...http1,
  key: tls.keyPem,
  cert: tls.certificatePem,
  requestCert: false
});

/** For tls.connect, without `session`: a resumed one is not asked again who it is. HTTP goes through `deviceAgent`. */
export const deviceTlsClient = (options: {
  readonly identity: { readonly tls: TlsIdentity };
  readonly expect: DeviceId;
}) => ({
  ...http1,
  secureContext: clientContext(options.identity.tls),
  rejectUnauthorized: true,
  checkServerIdentity: (_host: string, { raw }: PeerCertificate): Error | undefined => {
    try {
      const { device } = readDeviceCertificate(new X509Certificate(raw));
      return device === options.expect ? undefined : new LetterlockError('certificate-invalid', 'another device');
    } catch (error) {
      return error as Error;
    }
  }
});

/** For a machine that is being paired: any server may answer. The caller must look at the certificate of each connection. */
export const publicTlsClient = () => ({ ...version, ...http1, rejectUnauthorized: false });

const contexts = new WeakMap<TlsIdentity, SecureContext>();

/** Parsing keys and certificates once per identity, not once per connection. */
function clientContext(tls: TlsIdentity): SecureContext {
  const context =
    contexts.get(tls) ??
    createSecureContext({ ...version, key: tls.keyPem, cert: tls.certificatePem, ca: tls.authorityPem });
  contexts.set(tls, context);
  return context;
}
