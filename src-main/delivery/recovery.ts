import type { Clock } from '../base/clock.ts';
import type { openPrinter } from '../ipp/client.ts';
import type { Organization } from '../organization/organization.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { JournalEntry } from './journal.ts';
import { marksOf, printerOf, wayTo } from './preparation.ts';
import { discard, type Inquiry, outcomeOf, outcomeOfParts, settle } from './settle.ts';
import { watchJob } from './watch.ts';

interface Recovery {
  readonly organization: Organization;
  readonly open: typeof openPrinter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * How a delivery ended that a restart interrupted, found out without sending anything: from the journal, else from the
 * printer.
 */
export async function recover(entry: JournalEntry, options: Recovery): Promise<Outcome> {
  const { signal } = options;
  const begun = entry.begun();
  if (!begun) return { result: 'failed', code: 'node-unreachable' };
  const { printerJob, delivered } = begun;
  try {
    const inquiry = inquiryOf(entry, options);
    const outcome =
      delivered && printerJob !== undefined
        ? outcomeOf(await watchJob(printerJob, inquiry), printerJob)
        : await settle({ ...inquiry, printerJob, sent: 'unknown', code: 'node-unreachable' });
    return outcomeOfParts(begun, outcome);
  } catch {
    signal.throwIfAborted();
    return { result: 'uncertain', code: 'node-unreachable' };
  }
}

/** The printer may have been left with an empty job between its answer to Create-Job and the journal's next line. */
export async function tidyUp(entry: JournalEntry, options: Recovery): Promise<void> {
  const begun = entry.begun();
  const nextMayBeCreated = !begun || (begun.delivered && begun.part < begun.parts - 1);
  if (!nextMayBeCreated || !isListed(entry, options)) return;
  await discard(undefined, inquiryOf(entry, options));
}

const isListed = ({ printer }: JournalEntry, { organization }: Recovery): boolean =>
  organization.directory()?.printers.some(({ id }) => id === printer) === true;

function inquiryOf(entry: JournalEntry, { organization, open, clock, signal }: Recovery): Inquiry {
  // Only asking, nothing of the document goes out: the printer's own grade decides the way.
  const way = wayTo(printerOf(entry, organization), { deliveryGrade: 'plain-allowed' });
  const marks = marksOf(entry);
  const printer = open({ ...way, userName: marks.user, signal });
  return { printer, marks, known: entry.earlier(), clock, signal };
}
