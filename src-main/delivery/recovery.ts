import type { Clock } from '../base/clock.ts';
import type { openPrinter } from '../ipp/client.ts';
import type { Organization } from '../organization/organization.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { JournalEntry } from './journal.ts';
import { printerOf, wayTo } from './preparation.ts';
import { outcomeOf, settle } from './settle.ts';
import { watchJob } from './watch.ts';

/**
 * How a delivery ended that a restart interrupted, found out without sending anything: from the journal, else from the
 * printer.
 */
export async function recover(
  entry: JournalEntry,
  options: {
    readonly organization: Organization;
    readonly open: typeof openPrinter;
    readonly clock: Clock;
    readonly signal: AbortSignal;
  }
): Promise<Outcome> {
  const { organization, open, clock, signal } = options;
  if (entry.stage() === 'accepted') return { result: 'failed', code: 'node-unreachable' };
  try {
    // Only asking, nothing of the document goes out: the printer's own grade decides the way.
    const printer = open(wayTo(printerOf(entry, organization), { deliveryGrade: 'plain-allowed' }, signal));
    const printerJob = entry.printerJob();
    if (printerJob !== undefined) return outcomeOf(await watchJob(printerJob, { printer, clock, signal }), printerJob);
    return await settle({ job: entry.job, printer, sent: 'unknown', code: 'node-unreachable', clock, signal });
  } catch {
    signal.throwIfAborted();
    return { result: 'uncertain', code: 'node-unreachable' };
  }
}
