import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { readDeviceCertificate } from '../identity/device-certificate.ts';
import type { Perform } from './act.ts';
import type { RenewableIdentity } from './identity.ts';
import type { AuthorityKeys } from './key-files.ts';
import { createSchedule } from './schedule.ts';

/**
 * The certificate of the coordinator's listeners, renewed while it runs. New connections are shown the new one; those that are
 * open stay.
 */
export interface OwnCertificate {
  /** Where it is due; with an authority, of that one from now on. */
  renew(authority?: AuthorityKeys): Promise<void>;
  start(): void;
  /** No more; resolves when what was under way is done. */
  close(): Promise<void>;
}

export function createOwnCertificate(options: {
  readonly identity: RenewableIdentity;
  readonly perform: Perform;
  readonly clock: Clock;
  readonly logger: Logger;
}): OwnCertificate {
  const { identity, perform, clock, logger } = options;
  async function renewNow(authority?: AuthorityKeys): Promise<void> {
    if (!(await identity.renew(clock.now(), authority))) return;
    const { certificateSha256: sha256, tls } = identity;
    const expires = readDeviceCertificate(tls.certificatePem).validTo;
    await perform('coordinator', async ({ record }) =>
      record('coordinator.certificate-renewed', identity.id, { expires, sha256 })
    );
  }
  /** It is renewed weeks before its end: looking once a day is enough. */
  const schedule = createSchedule({ what: 'the certificate of the listeners', turn: renewNow, clock, logger });

  return {
    renew: (authority) => schedule.inTurn(() => renewNow(authority)),
    start: schedule.start,
    close: schedule.close
  };
}
