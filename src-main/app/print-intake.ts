import type { JobView } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import type { IntakeJob, PrintIntake } from '../ipp/port.ts';
import type { ClientJobs } from '../jobs/client-jobs.ts';

/** Joins the virtual printer to the client's jobs. `jobs` gives null while this machine is not paired. */
export function createPrintIntake(jobs: () => ClientJobs | null): PrintIntake {
  const open = (): ClientJobs => {
    const found = jobs();
    if (!found) throw new LetterlockError('not-paired');
    return found;
  };
  const refusal = () => jobs()?.refusal() ?? (jobs() ? null : new LetterlockError('not-paired'));

  return {
    refusal,
    begin: ({ name, documentFormat, attributes }) => open().begin({ title: name, documentFormat, attributes }),
    document: (job, document, signal, { documentFormat, attributes }) =>
      open().document(job, document, signal, { documentFormat, attributes }),
    cancel: async (job) => open().cancel(job),
    job: (job) => optional(jobs()?.get(job), intakeJob),
    jobs: () => (jobs()?.list() ?? []).map(intakeJob),
    printerState() {
      const refused = refusal();
      if (refused) return { state: 'stopped', reasons: ['other-error'], message: refused.message };
      const busy = open()
        .list()
        .some(({ state }) => state === 'sealing');
      return { state: busy ? 'processing' : 'idle', reasons: [] };
    }
  };
}

/**
 * As the operating system's print queue sees it: its work is done once the job is sealed and durable, whatever becomes of it
 * afterwards; a job that waits for its owner must not block the queue. Every user of this computer may ask the loopback
 * printer, so it never says a title.
 */
function intakeJob({ id, state, owner, created, size }: JobView): IntakeJob {
  const base = { id, name: 'Sealed job', userName: owner, created: Date.parse(created), bytes: size };
  switch (state) {
    case 'sealing':
      return { ...base, state: 'processing', reasons: ['job-transforming'] };
    case 'canceled':
      return { ...base, state: 'canceled', reasons: ['job-canceled-by-user'], completed: base.created };
    case 'aborted':
      return { ...base, state: 'aborted', reasons: ['aborted-by-system'], completed: base.created };
    default:
      return { ...base, state: 'completed', reasons: ['job-completed-successfully'], completed: base.created };
  }
}

const optional = <From, To>(value: From | undefined, map: (value: From) => To): To | undefined =>
  value === undefined ? undefined : map(value);
