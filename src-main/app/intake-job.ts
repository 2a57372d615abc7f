import type { JobView } from '../../src-preload/contract/views.ts';
import type { IntakeJob } from '../ipp/port.ts';
import type { SpooledJob } from '../jobs/client-jobs.ts';
import { jobText } from './print-texts.ts';

/**
 * A job as the print system that sent it sees it (RFC 8011 sections 5.3.7 and 5.3.8). The print system's work is done once the
 * job is sealed and durable: a job that waits for its owner must not block its queue, so it is `completed` and
 * `queued-in-device`, unless it was asked to hold the job; then it is told how the job goes on. The message says what is true.
 */
export function intakeJob(view: JobView, spooled: SpooledJob): IntakeJob {
  const { id, owner, size, documents, facts } = view;
  const created = Date.parse(view.created);
  const { completed, ...condition } = conditionOf(view, spooled);
  return {
    id,
    ...condition,
    message: jobText(view),
    name: view.title ?? 'Sealed job',
    userName: spooled.userName || owner,
    created,
    ...(completed === undefined ? {} : { completed: completed ?? created }),
    bytes: size,
    documents,
    ...(facts.pages === undefined ? {} : { pages: facts.pages })
  };
}

interface Condition extends Pick<IntakeJob, 'state' | 'reasons' | 'cancelable'> {
  /** When it became what it stays, as far as that is known; absent while it isn't over. */
  readonly completed?: number | null;
}

function conditionOf({ state, progress }: JobView, { held, durable, ended }: SpooledJob): Condition {
  switch (state) {
    case 'sealing':
      if (held)
        return { state: 'pending-held', reasons: ['job-incoming', 'job-hold-until-specified'], cancelable: true };
      return progress
        ? { state: 'processing', reasons: ['job-transforming'], cancelable: true }
        : { state: 'pending', reasons: ['job-incoming'], cancelable: true };
    case 'held':
      // "job-release-wait": PWG 5100.11
      return held
        ? { state: 'pending-held', reasons: ['job-hold-until-specified', 'job-release-wait'], cancelable: true }
        : { ...forwarded(durable), cancelable: true };
    case 'released':
    case 'printing':
      return held ? { state: 'processing', reasons: ['job-printing'], cancelable: false } : forwarded(durable);
    case 'uncertain':
      return held
        ? { state: 'processing-stopped', reasons: ['job-suspended-by-system'], cancelable: true }
        : { ...forwarded(durable, 'warnings-detected'), cancelable: true };
    case 'completed':
      return { ...over('completed', 'job-completed-successfully'), completed: held ? ended : durable };
    case 'canceled':
      return { ...over('canceled', 'job-canceled-by-user'), completed: ended };
    case 'expired':
      return { ...over('canceled', 'job-canceled-after-timeout'), completed: ended };
    case 'aborted':
      return { ...over('aborted', 'aborted-by-system'), completed: ended };
  }
}

/** The print system has done its part; the rest is up to the owner. */
const forwarded = (durable: number | null, ...more: string[]): Condition => ({
  ...over('completed', 'queued-in-device', ...more),
  completed: durable
});

const over = (state: IntakeJob['state'], ...reasons: string[]): Condition => ({ state, reasons, cancelable: false });
