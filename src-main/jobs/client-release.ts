import type { JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import type { JobState } from '../../src-preload/contract/views.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { JobRecord } from './job-record.ts';
import { releaseJob } from './job-release.ts';
import { isFinal } from './job-state.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import type { JobsPorts } from './port.ts';
import type { Registrar } from './registration.ts';
import { letGoUnder } from './strict-custody.ts';
import { endSession, openSession } from './user-session.ts';

export interface ClientReleaseRequest {
  readonly job: JobId;
  readonly printer: PrinterId;
  /** Default: the job's owner. */
  readonly user?: string | undefined;
  readonly pin: string;
  readonly acceptSecondCopy: boolean;
}

/** Release from the client's window and its command line: signs in for this one job, and out again. */
export interface ClientRelease {
  /** Resolves when the printer has the job. */
  release(request: ClientReleaseRequest): Promise<void>;
  /** Stops following; the nodes go on. */
  close(): Promise<void>;
}

export function createClientRelease(options: {
  readonly store: JobStore;
  readonly registrar: Registrar;
  readonly ports: JobsPorts;
  readonly onProgress: (job: JobId, progress: { bytes: number; total: number } | null) => void;
}): ClientRelease {
  const { store, registrar, ports, onProgress } = options;
  const { organization, logger } = ports;
  const following = new Map<JobId, Promise<void>>();
  const releasing = new Set<JobId>();
  const closing = new AbortController();

  /** What happened at the printer counts, whether or not it can be written down here. */
  const change = (
    job: JobId,
    state: JobState,
    { error, printer }: { error?: LetterlockError; printer?: string } = {}
  ) =>
    store
      .change(job, { state, failure: error ? failureView(error) : null, ...(printer ? { printer } : {}) })
      .catch((cause) => logger.warn({ job, error: cause }, 'a job record is not saved'));

  const deliver = async ({ job, printer, user, pin, acceptSecondCopy }: ClientReleaseRequest): Promise<void> => {
    const record = releasable(store.get(job));
    if (!(await registrar.register(job))) throw new LetterlockError('coordinator-unreachable');
    const session = await openSession(organization, user ?? record.owner, pin);
    let begun = false;
    try {
      const { ended } = await releaseJob(
        {
          job,
          holders: store.get(job)?.holders ?? [],
          printer,
          session: session.session,
          acceptSecondCopy,
          // Whoever asks here, with the owner's PIN, is the owner at the device that keeps the job part.
          ...(record.custody === 'strict' && {
            jobPartFor: (grant, node) => letGoUnder(grant, record, { node, printer }, ports)
          }),
          onEvent(step) {
            if ('bytes' in step) return onProgress(job, step);
            begun = true;
            void change(job, step.state);
          }
        },
        ports,
        closing.signal
      );
      const name = organization.directory()?.printers.find(({ id }) => id === printer)?.name;
      await change(job, 'printing', name === undefined ? {} : { printer: name });
      follow(
        job,
        ended.then((end) => change(job, end.state, end))
      );
    } catch (cause) {
      const error = asLetterlockError(cause);
      if (begun && !closing.signal.aborted)
        await change(job, error.code === 'job-uncertain' ? 'uncertain' : record.state, { error });
      throw error;
    } finally {
      onProgress(job, null);
      follow(job, endSession(organization, session));
    }
  };
  const follow = (job: JobId, rest: Promise<void>) => {
    const all = Promise.all([following.get(job), rest]).then(() => {
      if (following.get(job) === all) following.delete(job);
    });
    following.set(job, all);
  };

  return {
    async release(request) {
      if (releasing.has(request.job)) throw new LetterlockError('job-in-progress');
      releasing.add(request.job);
      try {
        await deliver(request);
      } finally {
        releasing.delete(request.job);
      }
    },
    async close() {
      closing.abort(new LetterlockError('engine-unreachable', 'stopped'));
      await Promise.allSettled(following.values());
    }
  };
}

/** Throws unless nodes hold the job and it waits for its owner. The coordinator decides anew. */
export function releasable(record: JobRecord | undefined): JobRecord {
  if (!record) throw new LetterlockError('not-found', 'job');
  if (record.state === 'completed') throw new LetterlockError('job-already-released');
  if (record.state === 'expired') throw new LetterlockError('job-expired');
  if (isFinal(record.state) || record.state === 'sealing')
    throw new LetterlockError('job-not-releasable', record.state);
  if (record.inOutbox && record.holders.length === 0)
    throw new LetterlockError('job-not-releasable', 'it waits on this machine for a node');
  return record;
}
