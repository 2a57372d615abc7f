import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { mayPass } from '../base/retry.ts';
import { isFinal } from './job-state.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import type { JobsPorts } from './port.ts';

/**
 * Tells the coordinator of jobs that nodes hold, so that they can be released. While it does not answer they wait on this
 * disk, everything in them sealed, and are durable all the same.
 */
export interface Registrar {
  /** True: the coordinator knows the job. False: it will be tried again. Throws the refusal; the job has ended then. */
  register(job: JobId): Promise<boolean>;
  /** Tries all that wait; true while some are left. */
  registerAll(): Promise<boolean>;
}

const Done = z.object({});

export function createRegistrar(
  { organization, clock, logger }: Pick<JobsPorts, 'organization' | 'clock' | 'logger'>,
  store: JobStore
): Registrar {
  const underWay = new Map<JobId, Promise<boolean>>();

  const attempt = async (job: JobId): Promise<boolean> => {
    const registration = store.get(job)?.registration;
    if (!registration) return true;
    const late = new AbortController();
    const off = clock.after(limits.connectSeconds * 1000, () => late.abort());
    try {
      if (!organization.connected()) return false;
      await organization.call('/v1/jobs', registration, Done, { signal: late.signal });
      // Not waited for: should this be lost, the job is registered once more, which changes nothing.
      store
        .change(job, { registration: null })
        .catch((error) => logger.warn({ job, error }, 'a job record is not saved'));
      return true;
    } catch (cause) {
      const error = asLetterlockError(cause, 'coordinator-unreachable');
      logger.warn({ job, error }, 'the coordinator did not register the job');
      if (mayPass(error)) return false;
      // Anything else is the coordinator's decision.
      await store.change(job, { state: 'aborted', failure: failureView(error) });
      throw error;
    } finally {
      off();
    }
  };
  const register = (job: JobId) => {
    const running = underWay.get(job) ?? attempt(job).finally(() => underWay.delete(job));
    underWay.set(job, running);
    return running;
  };

  return {
    register,
    async registerAll() {
      const waiting = store.all().filter((record) => record.registration && !isFinal(record.state));
      let left = false;
      for (const { id, expires } of waiting.reverse()) {
        if (Date.parse(expires) <= clock.now())
          await store.change(id, { state: 'expired', failure: failureView(new LetterlockError('job-expired')) });
        else if (!(await register(id).catch(() => true))) left = true;
      }
      return left;
    }
  };
}
