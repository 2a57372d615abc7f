import type { JobId } from '../../src-preload/contract/ids.ts';
import { LetterlockError } from '../base/errors.ts';
import { type Printer, type PrinterCall, userOf } from './call.ts';
import { jobAttributes, newJobAttributes } from './job-attributes.ts';
import { createJobNumbers } from './job-numbers.ts';
import type { IppGroup } from './message.ts';
import type { IntakeJob } from './port.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import { chooseAttributes } from './requested-attributes.ts';

/** Finds jobs for whoever asks, and describes them. Nobody learns of a job that isn't his to see. */
export function createJobLookup({ intake, clock }: Printer, started: number) {
  const numbers = createJobNumbers(intake);

  const isOwn = (job: IntakeJob, call: PrinterCall): boolean => job.userName === userOf(call);
  const isVisible = (job: IntakeJob, call: PrinterCall): boolean => call.requester.sees === 'all' || isOwn(job, call);

  const context = (id: JobId, { uris }: PrinterCall) => ({
    number: numbers.of(id),
    printerUri: uris[0],
    now: clock.now(),
    started
  });

  return {
    isOwn,
    /** Newest first. */
    visible: (call: PrinterCall): IntakeJob[] => intake.jobs().filter((job) => isVisible(job, call)),
    /** job-id. */
    numberOf: numbers.of,
    /** The job that the operation is about. Throws IppRefusal. */
    target(call: PrinterCall): IntakeJob {
      const { jobNumber } = call.request;
      if (jobNumber === undefined) throw badRequest('the operation names no job');
      const id = numbers.find(jobNumber);
      const job = id && intake.job(id);
      if (!job || !isVisible(job, call)) throw new IppRefusal('client-error-not-found', 'there is no such job');
      return job;
    },
    /** What the answer to a creation says (RFC 8011 section 4.2.1.2). */
    created(id: JobId, call: PrinterCall): IppGroup {
      const job = intake.job(id);
      if (!job) throw new LetterlockError('internal', 'the job is gone');
      return { tag: 'job-attributes-tag', attributes: newJobAttributes(job, context(id, call)) };
    },
    described(job: IntakeJob, call: PrinterCall, byDefault: readonly string[]): IppGroup {
      const groups = jobAttributes(job, context(job.id, call));
      return { tag: 'job-attributes-tag', attributes: chooseAttributes(call.request.operation, groups, { byDefault }) };
    }
  };
}
export type JobLookup = ReturnType<typeof createJobLookup>;
