import { find, firstBoolean, firstInteger, firstString, integersOf, outOfBand } from './attributes.ts';
import { type Handlers, ok, type Printer, type PrinterCall } from './call.ts';
import type { JobLookup } from './job-lookup.ts';
import { isFinal } from './job-state.ts';
import type { IppAttribute } from './message.ts';
import type { IntakeJob } from './port.ts';
import { jobSettableAttributes, whichJobs } from './printer-attributes.ts';
import type { PrinterDescription } from './printer-description.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import { asksForHold, unsupportedOf } from './ticket.ts';

type Name =
  | 'Get-Job-Attributes'
  | 'Get-Jobs'
  | 'Cancel-Job'
  | 'Cancel-Jobs'
  | 'Cancel-My-Jobs'
  | 'Hold-Job'
  | 'Release-Job'
  | 'Set-Job-Attributes';

/** What can be asked of and done to jobs: RFC 8011 sections 4.2.6 and 4.3, RFC 3380, PWG 5100.11. */
export function controlOperations(
  { intake, reception }: Printer,
  jobs: JobLookup,
  description: PrinterDescription
): Handlers<Name> {
  /** The job that the call is about, if it isn't over. */
  function openTarget(call: PrinterCall): IntakeJob {
    const job = jobs.target(call);
    if (isFinal(job)) throw new IppRefusal('client-error-not-possible', `the job is already ${job.state}`);
    return job;
  }

  /**
   * Cancels those with these job-ids, or else all that are not over; all of them or none (PWG 5100.11 section 4.1). By number
   * it also reaches what was sealed and waits for its owner: Cancel-Job must refuse a completed job (RFC 8011 section 4.3.3).
   */
  async function cancelAmong(candidates: IntakeJob[], call: PrinterCall): Promise<void> {
    const ids = new Set(integersOf(call.request.operation, 'job-ids'));
    const chosen = candidates.filter((job) =>
      ids.size > 0 ? ids.has(jobs.numberOf(job.id)) : job.cancelable && !isFinal(job)
    );
    if (chosen.length < ids.size || chosen.some((job) => !job.cancelable)) {
      const named = [find(call.request.operation, 'job-ids')].flatMap((each) => each ?? []);
      throw new IppRefusal('client-error-not-possible', 'not all of these jobs can be canceled', named);
    }
    for (const job of chosen) await reception.cancel(job.id);
  }

  return {
    'Get-Job-Attributes': (call) => ok([jobs.described(jobs.target(call), call, ['all'])]),

    'Get-Jobs'(call) {
      const { operation } = call.request;
      const limit = firstInteger(operation, 'limit') ?? Number.POSITIVE_INFINITY;
      if (limit < 1) throw badRequest('limit is at least 1');
      const ids = new Set(integersOf(operation, 'job-ids'));
      const mine = firstBoolean(operation, 'my-jobs') === true;
      const among = jobs
        .visible(call)
        .filter((job) => (!mine || jobs.isOwn(job, call)) && (ids.size === 0 || ids.has(jobs.numberOf(job.id))));
      const listed = whichOf(operation, ids.size > 0 ? 'all' : 'not-completed', among).slice(0, limit);
      return ok(listed.map((job) => jobs.described(job, call, ['job-id', 'job-uri'])));
    },

    async 'Cancel-Job'(call) {
      const { id, cancelable } = openTarget(call);
      if (!cancelable) throw new IppRefusal('client-error-not-possible', 'the job is being printed');
      await reception.cancel(id);
      return ok();
    },

    async 'Cancel-Jobs'(call) {
      if (call.requester.sees !== 'all') {
        throw new IppRefusal('client-error-not-authorized', 'Cancel-My-Jobs cancels your own jobs');
      }
      await cancelAmong(jobs.visible(call), call);
      return ok();
    },

    async 'Cancel-My-Jobs'(call) {
      const mine = jobs.visible(call).filter((job) => jobs.isOwn(job, call));
      await cancelAmong(mine, call);
      return ok();
    },

    async 'Hold-Job'(call) {
      const until = find(call.request.operation, 'job-hold-until');
      checkSettable(until ? [until] : []);
      await intake.hold(openTarget(call).id, !until || asksForHold([until]));
      return ok();
    },

    async 'Release-Job'(call) {
      await intake.hold(openTarget(call).id, false);
      return ok();
    },

    async 'Set-Job-Attributes'(call) {
      const job = openTarget(call);
      if (call.request.job.length === 0) throw badRequest('there is nothing to set');
      checkSettable(call.request.job);
      await intake.hold(job.id, asksForHold(call.request.job));
      return ok();
    }
  };

  /** RFC 3380 section 4.2: all or nothing. Throws IppRefusal. */
  function checkSettable(attributes: readonly IppAttribute[]): void {
    const fixed = attributes.filter(({ name }) => !jobSettableAttributes.includes(name));
    if (fixed.length > 0) {
      const named = fixed.map(({ name }) => outOfBand(name, 'not-settable'));
      throw new IppRefusal('client-error-attributes-not-settable', 'see job-settable-attributes-supported', named);
    }
    const unsupported = unsupportedOf(attributes, description.current().supported);
    if (unsupported.length > 0) {
      const status = 'client-error-attributes-or-values-not-supported';
      throw new IppRefusal(status, 'see job-hold-until-supported', unsupported);
    }
  }
}

/** RFC 8011 section 4.2.6.1 and PWG 5100.11: jobs in the order of which-jobs; those to come first where they wait. */
function whichOf(operation: readonly IppAttribute[], byDefault: string, jobs: readonly IntakeJob[]): IntakeJob[] {
  const which = firstString(operation, 'which-jobs') ?? byDefault;
  if (!whichJobs.includes(which)) {
    const unsupported = [find(operation, 'which-jobs')].flatMap((each) => each ?? []);
    const status = 'client-error-attributes-or-values-not-supported';
    throw new IppRefusal(status, 'see which-jobs-supported', unsupported);
  }
  if (which === 'all') return [...jobs];
  if (which === 'not-completed') return jobs.filter((job) => !isFinal(job)).reverse();
  if (which === 'completed') return jobs.filter(isFinal);
  return jobs.filter((job) => job.state === which);
}
