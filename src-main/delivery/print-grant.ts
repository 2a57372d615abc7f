import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { openPrinter } from '../ipp/client.ts';
import type { ReleaseOrder } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant, Outcome } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import { agreeToBegin, giveUp } from './agreement.ts';
import { handOver } from './hand-over.ts';
import type { JournalEntry } from './journal.ts';
import { prepare } from './preparation.ts';
import type { Reports } from './reports.ts';
import { failedBy } from './settle.ts';
import { surveyPrinter } from './survey.ts';
import type { Stamp } from './watermark/port.ts';
import { requireStillApproved } from './withdrawal.ts';

export interface GrantedPrint {
  readonly grant: Grant;
  readonly entry: JournalEntry;
  readonly order: ReleaseOrder;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly open: typeof openPrinter;
  readonly reports: Reports;
  readonly stamp: Stamp | undefined;
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
  let ready: Awaited<ReturnType<typeof begin>>;
  try {
    ready = await begin(print);
  } catch (error) {
    signal.throwIfAborted();
    await finish(failedBy(error));
    throw error;
  }
  try {
    const requireApproved = () => requireStillApproved(print.grant, ready.approved, print);
    const outcome = await handOver({ ...print, ...ready, requireApproved });
    await finish(outcome);
    if (outcome.result === 'failed') await giveUp({ ...print, ...ready });
  } catch (error) {
    signal.throwIfAborted();
    print.logger.error({ grant: print.grant.id, error }, 'a delivery broke off');
    await finish({ result: 'uncertain', code: asLetterlockError(error).code });
  }
}

/**
 * Opens everything and has the coordinator agree that it starts now. The printer is asked meanwhile what it can do: making
 * a connection takes it longer than anything else before the first byte.
 */
async function begin({ grant, order, identity, organization, open, clock, signal }: GrantedPrint) {
  const replica = await order.replica(grant.job);
  const { bundle } = order;
  const ready = await prepare({ grant, bundle, replica, identity, organization, open, now: clock.now(), signal });
  try {
    const survey = surveyPrinter(ready.printer);
    survey.catch(() => {}); // whoever awaits it hears of it
    await agreeToBegin({ grant, order, ...ready, organization, signal });
    return { ...ready, survey };
  } catch (error) {
    await ready.close();
    if (!signal.aborted) await giveUp({ grant, order, ...ready });
    throw error;
  }
}
