/**
 * The state machine of a job: pure, the only place that says what may follow what.
 *
 *   held ─claim→ released ─start→ printing ─┬─completed→ completed
 *     ↑            │                        ├─uncertain→ uncertain ─claim with consent→ released …
 *     └── lapse ───┴──────── failed ────────┘
 *   held, released, uncertain ─cancel→ canceled, ─expire→ expired
 *
 * A job is what its attempts at a release left behind, so its state is derived from them and never set: a late word about
 * an old attempt (a node that comes back) cannot contradict what happened since. At most one attempt is under way.
 */

/**
 * claimed: granted, nothing sent. started: the node may be sending. lapsed: never started and never will. failed: certainly
 * nothing was printed. uncertain: nobody knows. completed: the printer says so.
 */
export type AttemptState = 'claimed' | 'started' | 'lapsed' | 'failed' | 'uncertain' | 'completed';

export interface Attempt {
  readonly fence: number;
  readonly state: AttemptState;
}
export interface JobProgress {
  readonly closed: 'canceled' | 'expired' | null;
  /** Oldest first. */
  readonly attempts: readonly Attempt[];
}

export type JobStep =
  | { readonly do: 'claim'; readonly acceptSecondCopy: boolean }
  | { readonly do: 'start' | 'lapse'; readonly fence: number }
  /** A release that began while nobody here could be asked: it is written down whatever else was. */
  | { readonly do: 'offline'; readonly fence: number }
  | { readonly do: 'completed' | 'failed' | 'uncertain'; readonly fence: number }
  | { readonly do: 'cancel' | 'expire' };

export type JobRefusal =
  | 'job-in-progress'
  | 'job-uncertain'
  | 'job-already-released'
  | 'job-expired'
  | 'job-not-releasable'
  | 'grant-used'
  | 'grant-invalid'
  | 'grant-expired'
  | 'conflict';

export type JobState = 'held' | 'released' | 'printing' | 'completed' | 'uncertain' | 'canceled' | 'expired';

export function stateOf({ closed, attempts }: JobProgress): JobState {
  if (closed) return closed;
  const any = (state: AttemptState) => attempts.some((attempt) => attempt.state === state);
  if (any('started')) return 'printing';
  if (any('completed')) return 'completed';
  if (any('claimed')) return 'released';
  return any('uncertain') ? 'uncertain' : 'held';
}

/** What `step` leads to, or why it is refused. A refusal changes nothing; a repeated word is not an error. */
export function advance(job: JobProgress, step: JobStep): JobProgress | JobRefusal {
  switch (step.do) {
    case 'claim':
      return claim(job, step.acceptSecondCopy);
    case 'start':
      return start(job, step.fence);
    case 'offline':
      return startedOffline(job, step.fence);
    case 'lapse':
      return report(job, step.fence, { claimed: 'lapsed' });
    case 'failed':
      return report(job, step.fence, { claimed: 'lapsed', started: 'failed', uncertain: 'failed' });
    case 'completed':
      return report(job, step.fence, {
        claimed: 'conflict',
        lapsed: 'conflict',
        started: 'completed',
        uncertain: 'completed'
      });
    case 'uncertain':
      return report(job, step.fence, { claimed: 'conflict', lapsed: 'conflict', started: 'uncertain' });
    case 'cancel':
      return close(job, 'canceled');
    case 'expire':
      return close(job, 'expired');
  }
}

function claim(job: JobProgress, acceptSecondCopy: boolean): JobProgress | JobRefusal {
  const state = stateOf(job);
  switch (state) {
    case 'held':
      break;
    case 'uncertain':
      if (!acceptSecondCopy) return 'job-uncertain';
      break;
    case 'released':
    case 'printing':
      return 'job-in-progress';
    default:
      return refusalOfFinal(state);
  }
  return { ...job, attempts: [...job.attempts, { fence: nextFence(job), state: 'claimed' }] };
}

function start(job: JobProgress, fence: number): JobProgress | JobRefusal {
  const attempt = job.attempts.find((a) => a.fence === fence);
  if (!attempt) return 'grant-invalid';
  if (job.closed) return refusalOfFinal(job.closed);
  if (attempt.state !== 'claimed') return attempt.state === 'lapsed' ? 'grant-expired' : 'grant-used';
  return change(job, fence, 'started');
}

/** What was only claimed has not begun, and must not begin now. */
function startedOffline(job: JobProgress, fence: number): JobProgress {
  const attempts = job.attempts.map((a) => {
    if (a.state !== 'claimed') return a;
    return { ...a, state: a.fence === fence ? ('started' as const) : ('lapsed' as const) };
  });
  return { ...job, attempts };
}

/** A node's (or the clock's) word about one attempt: `moves` says what it changes, anything else stays as it is. */
function report(
  job: JobProgress,
  fence: number,
  moves: Partial<Record<AttemptState, AttemptState | 'conflict'>>
): JobProgress | JobRefusal {
  const attempt = job.attempts.find((a) => a.fence === fence);
  if (!attempt) return 'grant-invalid';
  const next = moves[attempt.state];
  if (!next) return job;
  if (next === 'conflict') return 'conflict';
  const changed = change(job, fence, next);
  // Once a copy is known to be out, a claim that has not begun must not make another one.
  if (next !== 'completed') return changed;
  return { ...changed, attempts: changed.attempts.map((a) => (a.state === 'claimed' ? { ...a, state: 'lapsed' } : a)) };
}

function close(job: JobProgress, as: 'canceled' | 'expired'): JobProgress | JobRefusal {
  const state = stateOf(job);
  if (state === as) return job;
  if (state === 'printing') return 'job-in-progress';
  if (state === 'completed' || state === 'canceled' || state === 'expired') return refusalOfFinal(state);
  const attempts = job.attempts.map((a) => (a.state === 'claimed' ? { ...a, state: 'lapsed' as const } : a));
  return { closed: as, attempts };
}

function refusalOfFinal(state: JobState): JobRefusal {
  if (state === 'completed') return 'job-already-released';
  return state === 'expired' ? 'job-expired' : 'job-not-releasable';
}

const nextFence = (job: JobProgress): number => Math.max(0, ...job.attempts.map((a) => a.fence)) + 1;

const change = (job: JobProgress, fence: number, state: AttemptState): JobProgress => ({
  ...job,
  attempts: job.attempts.map((a) => (a.fence === fence ? { ...a, state } : a))
});
