import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { backoff, pause, retry } from '../base/retry.ts';
import { firstInteger, firstString, stringsOf } from '../ipp/attributes.ts';
import type { IppPrinter } from '../ipp/client.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { enumKeyword } from '../ipp/registry.ts';

/** What a printer says of a job. RFC 8011 sections 5.3.7, 5.3.8, 5.3.18; PWG 5100.5. */
export interface JobReport {
  /** A keyword of "job-state"; `unknown` when the printer will not say. */
  readonly state: string;
  /** Whether it waits for documents that the client has not sent. */
  readonly incoming: boolean;
  /** Whether it counts documents, and has none. */
  readonly empty: boolean;
  /** Whether it counts what it has printed, and has printed something. */
  readonly printed: boolean;
  /** Sides that it says it has printed, copies included. */
  readonly impressions?: number | undefined;
}

interface Watch {
  readonly printer: IppPrinter;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Throws what asking throws. */
export async function reportOf(number: number, printer: IppPrinter): Promise<JobReport> {
  const job = await printer.getJobAttributes(number, ...asked);
  const reasons = stringsOf(job, 'job-state-reasons');
  const counts = ['job-impressions-completed', 'job-media-sheets-completed'].map((name) => firstInteger(job, name));
  return {
    state: enumKeyword('job-state', firstInteger(job, 'job-state') ?? 0) ?? 'unknown',
    incoming: reasons.includes('job-incoming') || reasons.includes('job-data-insufficient'),
    empty: firstInteger(job, 'number-of-documents') === 0,
    printed: counts.some((count) => count !== undefined && count > 0),
    impressions: counts[0]
  };
}

const asked = [
  'job-id',
  'job-state',
  'job-state-reasons',
  'job-impressions-completed',
  'job-media-sheets-completed',
  'number-of-documents'
];

export const isOver = ({ state }: JobReport): boolean =>
  state === 'completed' || state === 'aborted' || state === 'canceled';

/**
 * Asks after a job until it ends, or for so long, and returns what was said last. A printer that is off for a while is waited
 * for: it has the job. One that does not know the job (any more) is not asked again.
 */
export async function watchJob(
  number: number,
  { printer, clock, signal }: Watch,
  seconds: number = limits.printerWatchHours * 3600
): Promise<JobReport> {
  const deadline = clock.now() + seconds * 1000;
  let last = unknown;
  for (const ms of backoff(200, 5_000)) {
    try {
      last = await reportOf(number, printer);
    } catch (error) {
      signal.throwIfAborted();
      if (!isUnreachable(error)) return unknown;
    }
    if (isOver(last) || clock.now() >= deadline) return last;
    await pause(ms, clock, signal);
  }
  return last;
}

const unknown: JobReport = { state: 'unknown', incoming: false, empty: false, printed: false };

/** What a delivery's jobs are known by at the printer. */
export interface Marks {
  /** requesting-user-name, of this one delivery. */
  readonly user: string;
  /** job-name where it says nothing: counts when the printer put another user in the place of ours. */
  readonly name: string;
}

/** Every delivery asks as a user of its own, so that its jobs are found again, and only they. */
const isDelivery = (user: string): boolean => user.startsWith('letterlock-');

/**
 * job-id of the newest job of this delivery that the printer knows of, `known` ones left out; null: none. Waits for a printer
 * that does not answer as long as `seconds`. Throws when it does not answer or refuses.
 */
export async function findJob(
  { user, name }: Marks,
  known: readonly number[],
  { printer, clock, signal }: Watch,
  seconds: number = limits.printerSettleSeconds
): Promise<number | null> {
  const deadline = clock.now() + seconds * 1000;
  const again = (error: unknown) => isUnreachable(error) && clock.now() < deadline && !signal.aborted;
  const ask = (which: 'completed' | 'not-completed') =>
    retry(() => printer.getJobs(which, 'job-id', 'job-name', 'job-originating-user-name'), {
      ...{ again, clock, signal },
      most: 5_000
    });
  const isOurs = (job: readonly IppAttribute[]): boolean => {
    const owner = firstString(job, 'job-originating-user-name') ?? '';
    return owner === user || (firstString(job, 'job-name') === name && !isDelivery(owner));
  };
  const numbers = [...(await ask('not-completed')), ...(await ask('completed'))]
    .filter(isOurs)
    .flatMap((job) => firstInteger(job, 'job-id') ?? [])
    .filter((number) => !known.includes(number));
  return numbers.length > 0 ? Math.max(...numbers) : null;
}

const isUnreachable = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-unreachable';
