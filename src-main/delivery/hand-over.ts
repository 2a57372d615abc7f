import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { ReleaseEvent } from '../protocol/node-api.ts';
import type { PrintedPages } from '../protocol/print-terms.ts';
import type { JournalEntry } from './journal.ts';
import { whenFree } from './patience.ts';
import { type PlannedJob, planJobs } from './plan.ts';
import type { PreparedDelivery } from './preparation.ts';
import { createProgress } from './progress.ts';
import type { Reports } from './reports.ts';
import { send } from './send.ts';
import { failedBy, outcomeOf, outcomeOfParts } from './settle.ts';
import { type PrinterSurvey, surveyPrinter } from './survey.ts';
import { printedPages } from './terms.ts';
import { watchJob } from './watch.ts';
import type { Stamp } from './watermark/port.ts';
import { stampDocuments } from './watermark/stamped.ts';

export interface HandOver extends PreparedDelivery {
  /** What the printer says of itself, asked already. */
  readonly survey: Promise<PrinterSurvey>;
  readonly entry: JournalEntry;
  /** Throws when something that was approved is not any more. */
  readonly requireApproved: () => void;
  readonly reports: Reports;
  /** Absent: what the policy wants stamped is not printed. */
  readonly stamp: Stamp | undefined;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
  readonly onEvent: (event: ReleaseEvent) => void;
}

/**
 * Gives an opened job to its printer, as one printer job or as several, and waits until it has come out. Forgets the keys as
 * soon as nothing is left to be sent. Rejects with the signal's reason.
 */
export async function handOver(opened: HandOver): Promise<Outcome> {
  const { manifest, expected, entry, requireApproved, clock, signal, onEvent } = opened;
  onEvent({ type: 'started', job: manifest.job, bytes: manifest.size });
  const progress = createProgress(clock, (bytes) => onEvent({ type: 'progress', bytes }));
  const onProgress = (bytes: number) => {
    requireApproved();
    progress(Math.min(bytes, manifest.size));
  };
  let delivery = opened;
  try {
    delivery = await withMark(opened);
    const jobs = await plan(delivery);
    const parts = jobs.length;
    const counted: (number | undefined)[] = [];
    for (const [part, job] of jobs.entries()) {
      const outcome = await print(delivery, { job, part, parts, counted, onProgress });
      if (outcome.result === 'completed' && part === parts - 1)
        return withPages(outcome, printedPages(expected, counted));
      if (outcome.result !== 'completed') return outcomeOfParts({ part, parts }, outcome);
    }
    throw new TypeError('a job without documents');
  } catch (error) {
    signal.throwIfAborted();
    if (entry.begun()) throw error;
    return failedBy(error);
  } finally {
    await delivery.close();
  }
}

/** Stamped where the policy wants it; that takes a while, in which an approval may have been withdrawn. */
async function withMark(delivery: HandOver): Promise<HandOver> {
  const { watermark, requireApproved } = delivery;
  if (!watermark) return delivery;
  const stamped = await stampDocuments({ ...delivery, watermark });
  await delivery.close(); // all is read
  requireApproved();
  return { ...delivery, ...stamped, close: stamped.documents.close };
}

/** What the printer is going to get, as it can take it now. */
async function plan({ printer, approved, ticket, survey, reports, clock, signal }: HandOver): Promise<PlannedJob[]> {
  const asked = [survey];
  const said = await whenFree(() => asked.pop() ?? surveyPrinter(printer), { clock, signal });
  void reports.describe(approved, said.capabilities);
  return planJobs(ticket, said);
}

interface Part {
  readonly job: PlannedJob;
  readonly part: number;
  readonly parts: number;
  /** Gets what the printer counted. */
  readonly counted: (number | undefined)[];
  readonly onProgress: (bytes: number) => void;
}

/** One printer job, until the printer has done with it. */
async function print(delivery: HandOver, { job, part, parts, counted, onProgress }: Part): Promise<Outcome> {
  const { entry, reports, logger, onEvent, close } = delivery;
  const last = part === parts - 1;
  const sent = await send({
    ...delivery,
    job,
    known: entry.earlier(),
    remember: (printerJob) =>
      entry.note({ stage: 'sending', part, parts, ...(printerJob === undefined ? {} : { printerJob }) }),
    onProgress
  });
  if (last) await close(); // printing may take hours
  const { result, printerJob } = sent;
  if (result !== 'delivered' || printerJob === undefined) return sent;

  await entry.note({ stage: 'delivered', part, printerJob }).catch((error: unknown) => {
    logger.error({ grant: entry.grant, error }, 'the journal does not take that a job was delivered');
  });
  if (last) onEvent({ type: 'delivered' });
  const informed = last ? reports.inform(entry, sent) : undefined;
  const report = await watchJob(printerJob, delivery);
  counted.push(report.impressions);
  await informed; // so that the coordinator hears the two in their order
  return outcomeOf(report, printerJob);
}

const withPages = (outcome: Outcome, printed: PrintedPages | undefined): Outcome =>
  printed ? { ...outcome, printed } : outcome;
