import type { DeviceId, JobId, PrinterId } from '../../src-preload/contract/index.ts';
import { type Clock, isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { signStatement } from '../identity/signed-statement.ts';
import type { EraseOrder } from '../protocol/device-api.ts';
import type { Act } from './act.ts';
import type { AuditDetail } from './audit/chain.ts';
import type { CoordinatorIdentity } from './identity.ts';
import type { JobEvents } from './job-events.ts';
import { advance, type JobState, type JobStep, stateOf } from './job-state.ts';
import type { CoordinatorStore, JobRecord } from './store.ts';

/**
 * Takes a step of the job state machine inside an act: attempts and job change together by compare and set, and a job that
 * has ended loses its job part in the same transaction and is ordered erased everywhere.
 */
export interface JobSteps {
  /** Throws the refusal. Returns the job as it is afterwards. */
  take(act: Act, job: JobRecord, step: JobStep, extra?: StepExtra): Promise<JobRecord>;
}
export interface StepExtra {
  readonly printer?: PrinterId;
  /** Why the attempt came to nothing. */
  readonly code?: string | null;
  readonly detail?: AuditDetail;
}

export function createJobSteps(options: {
  readonly store: CoordinatorStore;
  readonly identity: CoordinatorIdentity;
  readonly events: JobEvents;
  readonly clock: Clock;
  /** Deadlines may have changed. */
  readonly rearm: () => void;
}): JobSteps {
  const { store, identity, events, clock, rearm } = options;
  const scrub = () => store.scrub();

  async function end(act: Act, job: JobId, reason: EraseOrder['reason']): Promise<void> {
    const kept = await act.tables.jobParts.get(job);
    await act.tables.jobParts.delete(job);
    const order: EraseOrder = { job, reason, at: isoTime(clock.now()) };
    const signed = await signStatement('erase', order, { id: identity.id, key: identity.signing });
    await act.tables.holders.order(job, JSON.stringify(signed));
    const holders: DeviceId[] = await act.tables.holders.of(job);
    // In strict custody there was none here: the device that printed the job destroys it.
    act.record(kept ? 'job-part.destroyed' : 'job.erase-ordered', job, { holders });
    act.after(scrub);
    for (const node of holders) act.after(() => events.erase(node, job));
  }

  return {
    async take(act, job, step, { printer, code, detail } = {}) {
      const attempts = await act.tables.grants.ofJob(job.id);
      const progress = { closed: job.closed, attempts };
      const next = advance(progress, step);
      if (typeof next === 'string') throw new LetterlockError(next);
      if (next === progress) return job;

      const state = stateOf(next);
      for (const attempt of attempts) {
        const after = next.attempts.find(({ fence }) => fence === attempt.fence);
        if (after && after.state !== attempt.state) await act.tables.grants.setState(attempt.id, after.state);
      }
      const changed: JobRecord = {
        ...job,
        closed: next.closed,
        state,
        fence: next.attempts.at(-1)?.fence ?? 0,
        printer: printer ?? job.printer,
        code: code === undefined ? job.code : code,
        updated: clock.now()
      };
      const { closed, fence, printer: at, code: why, updated } = changed;
      const won = await act.tables.jobs.change(job, { closed, state, fence, printer: at, code: why, updated });
      if (!won) throw new LetterlockError('job-in-progress');

      if (state !== job.state) act.record(`job.${state}`, job.id, { fence, ...detail });
      if (ended(state) && !ended(job.state)) await end(act, job.id, state);
      act.after(() => events.changed(job.id));
      act.after(rearm);
      return changed;
    }
  };
}

const ended = (state: JobState): state is EraseOrder['reason'] =>
  state === 'completed' || state === 'canceled' || state === 'expired';
