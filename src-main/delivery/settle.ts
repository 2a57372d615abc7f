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
 * of what was missing.) All else is `uncertain`. A job that we canceled may have begun to come out. A job that the printer
 * does not know may have been printed and forgotten: printers remember few jobs, some none.
 */
export async function settle(
  options: Inquiry & {
    /** job-id, if the printer told it. */
    readonly printerJob: number | undefined;
    /** Whether the printer was given the whole document: after a crash nobody knows. */
    readonly sent: 'partly' | 'wholly' | 'unknown';
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
    const lacks = sent === 'partly' || report.incoming || (sent === 'unknown' && report.empty);
    if (!isOver(report) && lacks) {
      canceledByUs = true; // it waits for what will never come
      await printer.cancelJob(printerJob).catch(() => {}); // it may have ended by itself meanwhile
      report = await watchJob(printerJob, options, limits.printerSettleSeconds);
    } else if (!isOver(report)) {
      report = await watchJob(printerJob, options);
    }
    if (report.state === 'completed' && sent !== 'partly' && !canceledByUs) return { result: 'completed', printerJob };
    const certain = endedUnprinted(report) && !(canceledByUs && report.state === 'canceled');
    return { result: certain ? 'failed' : 'uncertain', ...why, printerJob };
  } catch {
    signal.throwIfAborted();
    return { result: 'uncertain', ...why };
  }
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

/** Whether the printer says of a job whose document it refused that some of it came out: a person may have stopped it halfway. */
export async function cameOut(
  printerJob: number | undefined,
  { printer, signal }: Pick<Inquiry, 'printer' | 'signal'>
): Promise<boolean> {
  if (printerJob === undefined) return false;
  try {
    const { state, printed } = await reportOf(printerJob, printer);
    return printed || state === 'completed';
  } catch {
    signal.throwIfAborted();
    return false;
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
