import { z } from 'zod';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { openPrinter } from '../ipp/client.ts';
import type { ReleaseOrder } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant, Outcome } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import type { JournalEntry } from './journal.ts';
import { type PreparedDelivery, prepare } from './preparation.ts';
import { createProgress } from './progress.ts';
import type { Reports } from './reports.ts';
import { send } from './send.ts';
import { failedBy, outcomeOf } from './settle.ts';
import { watchJob } from './watch.ts';

export interface GrantedPrint {
  readonly grant: Grant;
  readonly entry: JournalEntry;
  readonly order: ReleaseOrder;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly open: typeof openPrinter;
  readonly reports: Reports;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ReleaseEvent) => void;
  /** Records the outcome everywhere. */
  readonly finish: (outcome: Outcome) => Promise<void>;
}

/**
 * From the used grant to its outcome. What goes wrong before the printer is spoken to is recorded and then thrown; after
 * that every end is an outcome. Rejects with the signal's reason, and then records nothing.
 */
export async function printGrant(print: GrantedPrint): Promise<void> {
  const { finish, signal } = print;
  let ready: PreparedDelivery;
  try {
    ready = await begin(print);
  } catch (error) {
    signal.throwIfAborted();
    await finish(failedBy(error));
    throw error;
  }
  try {
    await finish(await deliver(print, ready));
  } catch (error) {
    signal.throwIfAborted();
    print.logger.error({ grant: print.grant.id, error }, 'a delivery broke off');
    await finish({ result: 'uncertain', code: asLetterlockError(error).code });
  }
}

/** Opens everything, has the coordinator agree that it starts now, and writes down that a byte may be out from here on. */
async function begin({ grant, entry, order, identity, organization, open, clock, signal }: GrantedPrint) {
  const replica = await order.replica(grant.job);
  const { parts } = order.bundle;
  const ready = await prepare({ grant, parts, replica, identity, organization, open, now: clock.now(), signal });
  try {
    await organization.call(`/v1/grants/${grant.id}/start`, {}, z.object({}), { signal });
    await entry.note({ stage: 'sending' });
    return ready;
  } catch (error) {
    await ready.close();
    throw error;
  }
}

async function deliver(print: GrantedPrint, { manifest, printer, attributes, document, close }: PreparedDelivery) {
  const { entry, reports, clock, signal, logger, onEvent } = print;
  onEvent({ type: 'started', job: manifest.job, bytes: manifest.size });
  const onProgress = createProgress(clock, (bytes) => onEvent({ type: 'progress', bytes }));
  const sent = await send({ job: manifest.job, printer, attributes, document, onProgress, clock, signal }).finally(
    close
  );
  const { result, printerJob } = sent;
  if (result !== 'delivered' || printerJob === undefined) return sent;

  await entry.note({ stage: 'delivered', printerJob }).catch((error: unknown) => {
    logger.error({ grant: entry.grant, error }, 'the journal does not take that a job was delivered');
  });
  onEvent({ type: 'delivered' });
  const informed = reports.inform(entry, sent);
  const verdict = await watchJob(printerJob, { printer, clock, signal });
  await informed; // so that the coordinator hears the two in their order
  return outcomeOf(verdict, printerJob);
}
