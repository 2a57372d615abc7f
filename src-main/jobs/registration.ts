import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { mayPass } from '../base/retry.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { JobRecord, Registration } from './job-record.ts';
import { isFinal } from './job-state.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import { placesOf } from './places.ts';
import type { JobsPorts } from './port.ts';

/**
 * Tells the coordinator of jobs that nodes hold, so that they can be released. While it does not answer they wait on this
 * disk, everything in them sealed, and are durable all the same.
 */
export interface Registrar {
  /** True: the coordinator knows the job. False: it will be tried again. Throws the refusal; the job has ended then. */
  register(job: JobId): Promise<boolean>;
  /** For somebody who is signed in: now or never, since their session is not kept. Throws why not. */
  registerFor(session: string, registration: Registration): Promise<void>;
  /** Tries all that wait; true while some are left. */
  registerAll(): Promise<boolean>;
}

const Done = z.object({});

export function createRegistrar(
  { identity, organization, clock, logger }: Pick<JobsPorts, 'identity' | 'organization' | 'clock' | 'logger'>,
  store: JobStore
): Registrar {
  const underWay = new Map<JobId, Promise<boolean>>();

  const announce = async (body: Registration & { readonly session?: string }): Promise<void> => {
    const late = new AbortController();
    const off = clock.after(limits.connectSeconds * 1000, () => late.abort());
    try {
      await organization.call('/v1/jobs', body, Done, { signal: late.signal });
    } catch (cause) {
      throw asLetterlockError(cause, 'coordinator-unreachable');
    } finally {
      off();
    }
  };

  /** A cloud node that may not have the job any more gives it away; naming it would have the whole job refused. */
  const worthTelling = (receipts: readonly Signed[], record: JobRecord): Signed[] => {
    const places = placesOf(record, organization, identity.id);
    const allowed = receipts.filter(({ signer }) => places.has(signer));
    return allowed.length > 0 ? allowed : [...receipts];
  };

  const attempt = async (job: JobId): Promise<boolean> => {
    const record = store.get(job);
    const registration = record?.registration;
    if (!registration) return true;
    if (!organization.connected()) return false;
    try {
      await announce({ ...registration, receipts: worthTelling(registration.receipts, record) });
      // Not waited for: should this be lost, the job is registered once more, which changes nothing.
      store
        .change(job, { registration: null })
        .catch((error) => logger.warn({ job, error }, 'a job record is not saved'));
      return true;
    } catch (cause) {
      const error = asLetterlockError(cause);
      logger.warn({ job, error }, 'the coordinator did not register the job');
      if (mayPass(error)) return false;
      // Anything else is the coordinator's decision.
      await store.change(job, { state: 'aborted', failure: failureView(error) });
      throw error;
    }
  };
  const register = (job: JobId) => {
    const running = underWay.get(job) ?? attempt(job).finally(() => underWay.delete(job));
    underWay.set(job, running);
    return running;
  };

  return {
    register,
    registerFor: (session, registration) => announce({ ...registration, session }),
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
