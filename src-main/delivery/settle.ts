import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { IppPrinter } from '../ipp/client.ts';
import type { Outcome } from '../protocol/device-api.ts';
import { printerJobName } from './ticket.ts';
import { findJob, type PrinterVerdict, watchJob } from './watch.ts';

/**
 * What became of a job whose sending broke off: nothing is sent again before the printer was asked. A partial job is left to
 * the printer to abort, and canceled when it does not. Calls `failed` only what certainly printed nothing, and everything
 * that stays unclear `uncertain`.
 */
export async function settle(options: {
  readonly job: JobId;
  readonly printer: IppPrinter;
  /** Whether the printer was given the whole document: after a crash nobody knows. */
  readonly sent: 'partly' | 'wholly' | 'unknown';
  /** Why it broke off. */
  readonly code: ErrorCode;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<Outcome> {
  const { job, printer, sent, code, signal } = options;
  const failed: Outcome = { result: 'failed', code };
  const uncertain: Outcome = { result: 'uncertain', code };
  try {
    const found = await findJob(printerJobName(job), options);
    if (!found) return sent === 'partly' ? failed : uncertain;
    const { number } = found;
    let verdict = await watchJob(number, options, sent === 'partly' ? limits.printerAbortSeconds : undefined);
    const canceledByUs = verdict === 'unknown' && sent === 'partly';
    if (canceledByUs) {
      await printer.cancelJob(number).catch(() => {}); // it may have ended by itself meanwhile
      verdict = await watchJob(number, options, limits.printerSettleSeconds);
    }
    const certain = verdict === 'aborted' || (verdict === 'canceled' && !canceledByUs);
    if (certain) return { ...failed, printerJob: number };
    if (verdict === 'completed' && sent !== 'partly') return { result: 'completed', printerJob: number };
    return { ...uncertain, printerJob: number };
  } catch {
    signal.throwIfAborted();
    return uncertain;
  }
}

/** Certainly nothing was printed. */
export function failedBy(error: unknown): Outcome {
  const { code, detail } = asLetterlockError(error);
  return { result: 'failed', code, ...(detail === undefined ? {} : { detail }) };
}

/** How a job that the printer had accepted as a whole ended. */
export function outcomeOf(verdict: PrinterVerdict, printerJob: number): Outcome {
  switch (verdict) {
    case 'completed':
      return { result: 'completed', printerJob };
    case 'aborted':
    case 'canceled':
      return { result: 'failed', code: 'printer-refused', printerJob };
    case 'unknown':
      return { result: 'uncertain', code: 'job-uncertain', printerJob };
  }
}
