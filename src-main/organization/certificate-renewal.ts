import { X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { generateRsaKeys } from '../identity/certificate-authority.ts';
import { createCertificateRequest } from '../identity/certificate-request.ts';
import { type DeviceIdentity, replaceCertificate } from '../identity/device-identity.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { RenewedCertificate } from '../protocol/device-api.ts';
import type { Organization } from './port.ts';

/** Between the end of two thirds of a life and the end: retried so often until it works. */
const retryMs = 60 * 60 * 1000;
/** Timers of more than 24 days overflow; a machine that slept is early enough with one a day. */
const longestWaitMs = 24 * 60 * 60 * 1000;

/**
 * Renews this machine's certificate, with a new TLS key, once two thirds of its life are over, without anybody. Machines that
 * were paired together do not come together: `random` spreads them over a tenth of the life. Returns what ends it.
 */
export function keepCertificate(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Pick<Organization, 'call' | 'connected' | 'onChange'>;
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
}): () => void {
  const { identity, organization, clock, logger, random = Math.random } = options;
  const spread = random() / 10;
  let retryAt = 0;
  let running = false;
  let closed = false;
  let cancel = () => {};

  const dueAt = (): number => {
    const { validFrom, validTo } = new X509Certificate(identity.tls.certificatePem);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    return Math.max(from + (to - from) * (2 / 3 - spread), retryAt);
  };
  async function renew(): Promise<void> {
    const { privateKey } = await generateRsaKeys();
    const csr = createCertificateRequest({ privateKeyPem: privateKey, name: identity.name });
    const { certificate } = await organization.call('/v1/certificate', { csr }, RenewedCertificate);
    const renewed = { privateKeyPem: privateKey, certificatePem: certificate, now: clock.now() };
    await replaceCertificate(identity, renewed, options);
    logger.info({ until: new X509Certificate(certificate).validTo }, 'certificate renewed');
  }
  function check(): void {
    cancel();
    if (running || closed) return;
    const left = dueAt() - clock.now();
    if (left > 0) {
      cancel = clock.after(Math.min(left, longestWaitMs), check);
      return;
    }
    if (!organization.connected()) return; // the next connection asks again
    running = true;
    renew()
      .catch((error: unknown) => {
        retryAt = clock.now() + retryMs;
        logger.warn({ error }, 'the certificate was not renewed');
      })
      .finally(() => {
        running = false;
        check();
      });
  }

  const off = organization.onChange(check);
  check();
  return () => {
    off();
    cancel();
    closed = true;
  };
}
