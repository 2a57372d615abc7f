import { X509Certificate } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { generateRsaKeys } from '../identity/certificate-authority.ts';
import { createCertificateRequest } from '../identity/certificate-request.ts';
import { certificatesIn, isIssuedBy } from '../identity/device-certificate.ts';
import { type DeviceIdentity, replaceCertificate, trustAuthorities } from '../identity/device-identity.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import { RenewedCertificate } from '../protocol/device-api.ts';
import type { Organization } from './port.ts';

/** Between the end of two thirds of a life and the end: retried so often until it works. */
const retryMs = 60 * 60 * 1000;
/** Timers of more than 24 days overflow; a machine that slept is early enough with one a day. */
const longestWaitMs = 24 * 60 * 60 * 1000;
/** When there is a new authority, all machines want a new certificate at once: they come within this. */
const successionMs = 10 * 60 * 1000;

/**
 * Renews this machine's certificate, with a new TLS key, once two thirds of its life are over or the organization has a new
 * certificate authority, without anybody. Machines that were paired together do not come together: `random` spreads them over a
 * tenth of the life. Which authorities count it takes from the directory. Returns what ends it.
 */
export function keepCertificate(options: {
  readonly identity: DeviceIdentity;
  readonly organization: Pick<Organization, 'call' | 'connected' | 'directory' | 'onChange'>;
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly random?: () => number;
}): () => void {
  const { identity, organization, clock, logger, random = Math.random } = options;
  const spread = random() / 10;
  let retryAt = 0;
  /** When it was first seen that a newer authority issues certificates. */
  let succeededAt: number | null = null;
  let refused: string | undefined;
  let running = false;
  let closed = false;
  let cancel = () => {};

  const dueAt = (): number => {
    const { certificatePem, authorityPem } = identity.tls;
    const { validFrom, validTo } = new X509Certificate(certificatePem);
    const [from, to] = [Date.parse(validFrom), Date.parse(validTo)];
    const [newest = ''] = certificatesIn(authorityPem);
    if (isIssuedBy(certificatePem, newest, clock.now())) succeededAt = null;
    else succeededAt ??= clock.now();
    const succession = succeededAt === null ? Number.POSITIVE_INFINITY : succeededAt + spread * 10 * successionMs;
    return Math.max(Math.min(from + (to - from) * (2 / 3 - spread), succession), retryAt);
  };
  /** What the directory says counts, while that is news. */
  const announced = (): string | undefined => {
    const authorities = organization.directory()?.authorities;
    return authorities === identity.tls.authorityPem || authorities === refused ? undefined : authorities;
  };
  async function trust(authorities: string): Promise<void> {
    refused = authorities; // not again until it changes, unless it works
    await trustAuthorities(identity, authorities, { dataDir: options.dataDir, now: clock.now() });
    refused = undefined;
    logger.info({}, 'the organization has other certificate authorities');
  }
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
    const authorities = announced();
    if (authorities !== undefined) {
      run(() => trust(authorities), 'the new authorities are not trusted');
      return;
    }
    const left = dueAt() - clock.now();
    if (left > 0) {
      cancel = clock.after(Math.min(left, longestWaitMs), check);
      return;
    }
    if (!organization.connected()) return; // the next connection asks again
    run(renew, 'the certificate was not renewed');
  }
  /** One thing at a time: both change the same file. */
  function run(change: () => Promise<void>, failed: string): void {
    running = true;
    change()
      .catch((error: unknown) => {
        retryAt = clock.now() + retryMs;
        logger.warn({ error }, failed);
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
