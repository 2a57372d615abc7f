import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { IppPrinter } from '../ipp/client.ts';
import type { Outcome } from '../protocol/device-api.ts';
import { PolicyRefused } from '../protocol/policy.ts';
import { findJob, isOver, type JobReport, type Marks, reportOf, watchJob } from './watch.ts';

/** How to ask a printer after a job. */
export interface Inquiry {
  readonly printer: IppPrinter;
  readonly marks: Marks;
  /** Jobs of this delivery that it isn't about. */
  readonly known: readonly number[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * What became of a job whose sending broke off after bytes of a document went out: nothing is sent again before the printer
 * was asked. Calls `failed` only what certainly printed nothing: the printer aborted the job by itself, or a person canceled
 * it, and the printer counts nothing that was printed. (One that counts nothing at all is believed: it ended the job because
 * of what was missing.) Calls `completed` only what the printer ended after it had answered to the whole document: where a process
 * ended or a connection broke, some printers take that for the end of the document, print what they have and call it completed.
 * All else is `uncertain`. A job that we canceled may have begun to come out. A job that the printer
 * does not know may have been printed and forgotten: printers remember few jobs, some none.
 */
export async function settle(
  options: Inquiry & {
    /** job-id, if the printer told it. */
    readonly printerJob: number | undefined;
    readonly sent: Sent;
    /** Why it broke off. */
    readonly code: ErrorCode;
    readonly detail?: string | undefined;
  }
): Promise<Outcome> {
  const { printer, marks, known, sent, code, detail, signal } = options;
  const why = { code, ...(detail === undefined ? {} : { detail }) };
  try {
    const printerJob = options.printerJob ?? (await findJob(marks, known, options));
    if (printerJob === null) return { result: 'uncertain', ...why };
    let report = await watchJob(printerJob, options, limits.printerAbortSeconds);
    let canceledByUs = false;
    if (waitsInVain(report, sent)) {
      canceledByUs = true;
      await printer.cancelJob(printerJob).catch(() => {}); // it may have ended by itself meanwhile
      report = await watchJob(printerJob, options, limits.printerSettleSeconds);
    } else if (!isOver(report)) {
      report = await watchJob(printerJob, options);
    }
    const result = resultOf(report, { sent, canceledByUs });
    return result === 'completed' ? { result, printerJob } : { result, ...why, printerJob };
  } catch {
    signal.throwIfAborted();
    return { result: 'uncertain', ...why };
  }
}

/** Whether the printer has the whole document: after a crash, or without an answer from it, nobody knows. */
export type Sent = 'partly' | 'wholly' | 'unknown';

/** The printer waits for what will never come. */
export const waitsInVain = (report: JobReport, sent: Sent): boolean =>
  !isOver(report) && (sent === 'partly' || report.incoming || (sent === 'unknown' && report.empty));

/** What became of a job whose sending broke off, by the last that the printer says of it. */
export function resultOf(
  report: JobReport,
  { sent, canceledByUs }: { readonly sent: Sent; readonly canceledByUs: boolean }
): 'completed' | 'failed' | 'uncertain' {
  if (report.state === 'completed' && sent === 'wholly' && !canceledByUs) return 'completed';
  return endedUnprinted(report) && !(canceledByUs && report.state === 'canceled') ? 'failed' : 'uncertain';
}

/** Takes an empty job away that the printer may have been left with. Tries once: printers give such jobs up by themselves. */
export async function discard(printerJob: number | undefined, inquiry: Inquiry): Promise<void> {
  const { printer, marks, known, signal } = inquiry;
  try {
    const left = printerJob ?? (await findJob(marks, known, inquiry, 0));
    if (left !== null) await printer.cancelJob(left);
  } catch {
    signal.throwIfAborted();
  }
}

/**
 * Whether some of a job may have come out whose document the printer refused: a person may have stopped it halfway. A printer that
 * knows of no such job is believed; one that cannot be asked is not.
 */
export async function cameOut(printerJob: number | undefined, inquiry: Inquiry): Promise<boolean> {
  const { printer, marks, known, signal } = inquiry;
  try {
    const number = printerJob ?? (await findJob(marks, known, inquiry, 0));
    if (number === null) return false;
    const { state, printed } = await reportOf(number, printer);
    return printed || state === 'completed';
  } catch (error) {
    signal.throwIfAborted();
    return asLetterlockError(error).code === 'printer-unreachable';
  }
}

/** Certainly nothing was printed. */
export function failedBy(error: unknown): Outcome {
  const { code, detail } = asLetterlockError(error);
  const refused = error instanceof PolicyRefused ? { refused: { ...error.reason, effect: error.effect } } : {};
  return { result: 'failed', code, ...(detail === undefined ? {} : { detail }), ...refused };
}

/** How a job that the printer had accepted as a whole ended. */
export function outcomeOf(report: JobReport, printerJob: number): Outcome {
  if (report.state === 'completed') return { result: 'completed', printerJob };
  if (endedUnprinted(report)) return { result: 'failed', code: 'printer-refused', printerJob };
  return { result: 'uncertain', code: 'job-uncertain', printerJob };
}

/**
 * The outcome of a delivery that makes several printer jobs and ended with this one, the `part`-th: those before it are
 * printed, those after it were never sent.
 */
export function outcomeOfParts({ part, parts }: { part: number; parts: number }, outcome: Outcome): Outcome {
  const printed = outcome.result === 'completed' ? part + 1 : part;
  if (printed === parts || printed === 0) return outcome;
  const { code = 'job-uncertain', printerJob } = outcome;
  const detail = `${printed} of ${parts} documents are printed for certain`;
  return { result: 'uncertain', code, detail, ...(printerJob === undefined ? {} : { printerJob }) };
}

const endedUnprinted = ({ state, printed }: JobReport): boolean =>
  (state === 'aborted' || state === 'canceled') && !printed;
