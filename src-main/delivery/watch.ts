import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { backoff, pause, retry } from '../base/retry.ts';
import { firstInteger, firstString } from '../ipp/attributes.ts';
import type { IppPrinter } from '../ipp/client.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { enumKeyword } from '../ipp/registry.ts';

/** How a job ended at the printer; `unknown` when it will not say. "job-state", RFC 8011 section 5.3.7. */
export type PrinterVerdict = 'completed' | 'aborted' | 'canceled' | 'unknown';

interface Watch {
  readonly printer: IppPrinter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks after a job until it ends, or for so long. A printer that is off for a while is waited for: it has the job. */
export async function watchJob(
  number: number,
  { printer, clock, signal }: Watch,
  seconds: number = limits.printerWatchHours * 3600
): Promise<PrinterVerdict> {
  const deadline = clock.now() + seconds * 1000;
  for (const ms of backoff(200, 5_000)) {
    try {
      const state = jobState(await printer.getJobAttributes(number, 'job-id', 'job-state'));
      if (state === 'completed' || state === 'aborted' || state === 'canceled') return state;
    } catch (error) {
      signal.throwIfAborted();
      if (!isUnreachable(error)) return 'unknown';
    }
    if (clock.now() >= deadline) return 'unknown';
    await pause(ms, clock, signal);
  }
  return 'unknown';
}

/** The newest job of this name that the printer knows of, or null. Throws when the printer does not answer or refuses. */
export async function findJob(
  name: string,
  { printer, clock, signal }: Watch
): Promise<{ readonly number: number; readonly state: string } | null> {
  const deadline = clock.now() + limits.printerSettleSeconds * 1000;
  const again = (error: unknown) => isUnreachable(error) && clock.now() < deadline && !signal.aborted;
  const ask = (which: 'completed' | 'not-completed') =>
    retry(() => printer.getJobs(which, 'job-id', 'job-name', 'job-state'), { again, clock, signal, most: 5_000 });
  const jobs = [...(await ask('not-completed')), ...(await ask('completed'))].filter(
    (job) => firstString(job, 'job-name') === name
  );
  const newest = jobs.sort((a, b) => numberOf(b) - numberOf(a))[0];
  return newest ? { number: numberOf(newest), state: jobState(newest) ?? 'unknown' } : null;
}

const numberOf = (job: readonly IppAttribute[]): number => firstInteger(job, 'job-id') ?? 0;
const jobState = (job: readonly IppAttribute[]): string | undefined =>
  enumKeyword('job-state', firstInteger(job, 'job-state') ?? 0);
const isUnreachable = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-unreachable';
