import type { X509Certificate } from 'node:crypto';
import type { z } from 'zod';
import { LetterlockError } from '../base/errors.ts';
import { inspectingAgent } from '../identity/device-agent.ts';
import { readDeviceCertificate } from '../identity/device-certificate.ts';
import { request } from '../identity/device-http.ts';
import { publicTlsClient } from '../identity/tls.ts';

/**
 * The connection of a machine that trusts nobody yet: it takes whatever certificate it is shown, holds the other side to it
 * from then on, and sends nothing to anybody else. What makes the certificate right is the comparison of codes, or the token.
 */
export interface PairingConnection {
  /** What the other side has shown. Only after a `post` has succeeded. */
  certificate(): X509Certificate;
  post<Schema extends z.ZodType>(path: string, body: unknown, schema: Schema): Promise<z.infer<Schema>>;
  close(): void;
}

export function openPairingConnection(options: {
  /** `host:port` */
  readonly address: string;
  /** SHA-256 of the certificate to expect, if known beforehand. */
  readonly pin?: string | undefined;
  readonly signal: AbortSignal;
}): PairingConnection {
  const { address, signal } = options;
  let pin = options.pin;
  let seen: X509Certificate | undefined;

  const agent = inspectingAgent(publicTlsClient(), (socket) => {
    const certificate = socket.getPeerX509Certificate();
    if (!certificate) throw new LetterlockError('certificate-invalid', 'no certificate');
    const { sha256 } = readDeviceCertificate(certificate);
    pin ??= sha256;
    if (sha256 !== pin) throw new LetterlockError('pairing-code-mismatch', 'not the expected coordinator');
    seen = certificate;
  });

  return {
    certificate() {
      if (!seen) throw new LetterlockError('coordinator-unreachable', 'not connected');
      return seen;
    },
    post: (path, body, schema) =>
      request({ agent, url: `https://${address}`, path, body, schema, signal, unreachable: 'coordinator-unreachable' }),
    close: () => agent.destroy()
  };
}
