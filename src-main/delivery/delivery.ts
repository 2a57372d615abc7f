import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openPrinter } from '../ipp/client.ts';
import type { Deliver, ReleaseOrder } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import type { OfflineRecord } from '../protocol/offline.ts';
import { isOffline } from './agreement.ts';
import { openGrant } from './grant.ts';
import { type JournalEntry, openJournal } from './journal.ts';
import { printGrant } from './print-grant.ts';
import { recover, tidyUp } from './recovery.ts';
import { createReports } from './reports.ts';
import type { Stamp } from './watermark/port.ts';

/**
 * Prints released jobs, each grant at most once: the grant is used up on disk before anything else, the coordinator is told
 * before the first byte goes out, and what broke off is settled with the printer, here or after a restart. Plaintext and
 * keys live in memory, for as long as the sending takes.
 */
export interface Delivery extends Deliver {
  /** Breaks off what is going on; the next start settles it. */
  close(): Promise<void>;
}

export interface DeliveryOptions {
  readonly dataDir: string;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly openPrinter?: typeof openPrinter;
  /** Stamps watermarks. Absent: what the policy wants stamped is not printed. */
  readonly stamp?: Stamp | undefined;
}

/** The requester hears the end when the coordinator knows it, but does not wait for a coordinator that is away. */
const reportGraceMs = 2_000;

export async function createDelivery(options: DeliveryOptions): Promise<Delivery> {
  const { dataDir, identity, organization, clock, logger, stamp } = options;
  const open = options.openPrinter ?? openPrinter;
  const ended = new AbortController();
  const { signal } = ended;
  const journal = await openJournal(dataDir, clock);
  const reports = createReports({ organization, clock, logger, signal });
  const running = new Set<Promise<void>>();
  const jobs = new Set<JobId>();

  /** Keeps a task in sight until it ends, so that `close` can wait for it, and says when it ended as nothing should. */
  const track = (task: Promise<void>): void => {
    const seen = task
      .catch((error: unknown) => {
        if (!signal.aborted) logger.error({ error }, 'a delivery is not recorded as it should be');
      })
      .finally(() => running.delete(seen));
    running.add(seen);
  };

  /** The outcome goes to the journal, to the coordinator, and then to whoever asked for the release. */
  const finish = async (entry: JournalEntry, outcome: Outcome, onEvent?: (event: ReleaseEvent) => void) => {
    logger.info({ grant: entry.grant, job: entry.job, outcome }, 'delivery ended');
    await entry.note({ stage: 'ended', outcome }).catch((error: unknown) => {
      logger.error({ grant: entry.grant, error }, 'the journal does not take an outcome');
    });
    const reported = reports.insist(entry, outcome);
    track(reported);
    await Promise.race([reported.catch(() => {}), after(reportGraceMs, clock)]);
    onEvent?.(lastEvent(outcome));
  };

  const settle = async (entry: JournalEntry): Promise<void> => {
    const known = entry.outcome();
    if (known) return reports.insist(entry, known);
    const options = { organization, open, clock, signal };
    await finish(entry, await recover(entry, options));
    await tidyUp(entry, options);
  };
  for (const entry of journal.unfinished) track(settle(entry));

  return {
    async release(order, onEvent) {
      const grant = openGrant(order.bundle, { identity, organization, caller: order.caller, now: clock.now() });
      if (jobs.has(grant.job)) throw new LetterlockError('job-in-progress');
      jobs.add(grant.job);
      try {
        const entry = await journal.accept(grant, offlineRecordOf(order.bundle));
        const task = printGrant({
          ...{ grant, entry, order, identity, organization, open, reports, stamp, clock, logger, signal, onEvent },
          finish: (outcome) => finish(entry, outcome, onEvent)
        });
        track(task.catch(() => {}));
        await task;
      } finally {
        jobs.delete(grant.job);
      }
    },
    async close() {
      ended.abort(new LetterlockError('node-unreachable', 'this node stops'));
      await Promise.all(running);
    }
  };
}

/** What the coordinator is told afterwards of a release that it did not grant. */
const offlineRecordOf = ({ grant, permit }: ReleaseOrder['bundle']): OfflineRecord | undefined =>
  isOffline(grant) && permit ? { grant, permit } : undefined;

const after = (ms: number, clock: Clock): Promise<void> => new Promise((resolve) => clock.after(ms, resolve));

function lastEvent({ result, code = 'internal', detail }: Outcome): ReleaseEvent {
  if (result === 'completed') return { type: 'completed' };
  return { type: 'failed', code, uncertain: result === 'uncertain', ...(detail === undefined ? {} : { detail }) };
}
