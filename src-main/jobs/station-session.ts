import { z } from 'zod';
import type { JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import type { JobView, StationState } from '../../src-preload/contract/views.ts';
import { isoTime } from '../base/clock.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { pause } from '../base/retry.ts';
import { SessionJob, type SignIn } from '../protocol/device-api.ts';
import { type ReleaseEnd, releaseJob } from './job-release.ts';
import { isFinal, stateAfter } from './job-state.ts';
import { failureView, type ShownJob, type Unwritten, viewOf } from './job-view.ts';
import type { JobsPorts } from './port.ts';
import { readDescription } from './station-description.ts';
import { createStationTickets, type StationTickets } from './station-tickets.ts';
import { endSession, openSessionBy, type UserSession } from './user-session.ts';

/** One person at a station, at most: signs in, sees their jobs, releases them, and is forgotten. */
export interface StationSession {
  /** Resolves with the list; titles whose holders are slow come later. Signs out whoever was there. */
  signIn(user: string, pin: string): Promise<void>;
  /** The same with a badge; throws `pin-required` where it does not do alone. */
  signInByBadge(badge: string, pin: string | undefined): Promise<void>;
  /** Forgets person, jobs and titles at once. What was released goes on. */
  signOut(): Promise<void>;
  /** Somebody is there: the idle time begins again, and the list is looked at again now and then. */
  stay(): void;
  /** Resolves when the printer has the job. Several may go at once. */
  release(job: JobId, printer: PrinterId, acceptSecondCopy: boolean): Promise<JobView>;
  /** Strict custody: the text of a release ticket; what can be released with it from now on, in this visit. */
  ticket(text: string): Promise<JobId>;
  cancel(job: JobId): Promise<void>;
  session(): StationState['session'];
  onChange(listener: () => void): () => void;
}

interface Visit {
  readonly user: UserSession;
  readonly jobs: Map<JobId, ShownJob & Unwritten>;
  readonly releases: Map<JobId, Promise<unknown>>;
  readonly tickets: StationTickets;
  /** When the list was asked for last. */
  loaded: number;
  expires: number;
  cancelIdle: () => void;
}

/** Of a job that was listed just now. */
const sealed = { description: null, inOutbox: false, registration: null, printer: null, failure: null };
const SessionJobs = z.object({ jobs: z.array(SessionJob) });
const Done = z.object({});
/** How long a sign-in waits for titles. */
const titlesMs = 1_500;
/** A list younger than this is young enough. */
const freshMs = 10_000;

export function createStationSession(options: JobsPorts & { readonly idleSeconds: number }): StationSession {
  const { identity, organization, clock, logger } = options;
  const listeners = new Set<() => void>();
  const stopped = new AbortController().signal;
  let visit: Visit | null = null;

  const changed = () => {
    for (const listener of listeners) listener();
  };
  const present = (): Visit => {
    if (!visit) throw new LetterlockError('session-expired');
    return visit;
  };
  /** Changes what is shown of a job; after the visit nothing is. */
  const show = (of: Visit, job: JobId, change: Partial<ShownJob & Unwritten>) => {
    const shown = of.jobs.get(job);
    if (!shown) return;
    of.jobs.set(job, { ...shown, ...change, state: stateAfter(shown.state, change.state ?? shown.state) });
    changed();
  };
  const { condition, heard } = options.transport;
  const surroundings = { organization, self: identity.id, condition, heard };
  const view = (shown: ShownJob & Unwritten) => viewOf(shown, shown, surroundings);

  /** Nobody is signed out while the printer is busy for them. */
  const touch = (of: Visit) => {
    of.cancelIdle();
    of.expires = clock.now() + options.idleSeconds * 1000;
    if (of.releases.size === 0) of.cancelIdle = clock.after(options.idleSeconds * 1000, () => void leave(of));
  };
  const leave = async (of: Visit): Promise<void> => {
    if (visit !== of) return;
    visit = null;
    of.cancelIdle();
    of.tickets.forget();
    of.jobs.clear();
    changed();
    const end = Promise.allSettled(of.releases.values()).then(() => endSession(organization, of.user));
    if (of.releases.size === 0) await end;
  };
  organization.onSessionEnded((user) => {
    if (visit?.user.user.id === user) void leave(visit);
  });
  /** A session that the coordinator has ended is over here too. */
  const during = async <T>(of: Visit, step: Promise<T>): Promise<T> => {
    try {
      return await step;
    } catch (error) {
      if (asLetterlockError(error).code === 'session-expired') await leave(of);
      throw error;
    }
  };

  const load = async (of: Visit): Promise<void> => {
    const { session, user } = of.user;
    of.loaded = clock.now();
    const { jobs } = await organization.call('/v1/sessions/jobs', { session }, SessionJobs);
    if (visit !== of) return;
    for (const { id, owner = user.name, state, size, created, expires, holders, custody } of jobs) {
      if (of.releases.has(id)) continue; // it knows better
      const known = of.jobs.get(id);
      const now = known ? stateAfter(known.state, state) : state;
      const said = { id, state: now, owner, size, created, expires, holders, custody };
      of.jobs.set(id, { ...(known ?? sealed), ...said });
    }
    const listed = new Set(jobs.map(({ id }) => id));
    for (const { id, state } of of.jobs.values())
      if (!listed.has(id) && !isFinal(state) && !of.releases.has(id)) of.jobs.delete(id);
    changed();
    const titles = Promise.all(
      jobs.map(async (job) => {
        if (of.jobs.get(job.id)?.description !== null) return;
        const description = await readDescription(job, options);
        if (description) show(of, job.id, { description });
      })
    );
    const waited = new AbortController();
    await Promise.race([titles, pause(titlesMs, clock, waited.signal)]);
    waited.abort();
  };

  const release = async (of: Visit, job: JobId, printer: PrinterId, acceptSecondCopy: boolean): Promise<void> => {
    const shown = of.jobs.get(job);
    if (!shown) throw new LetterlockError('not-found', 'job');
    const end = (reached: ReleaseEnd) =>
      show(of, job, {
        state: reached.state,
        progress: undefined,
        failure: reached.error ? failureView(reached.error) : null
      });
    const ticket = of.tickets.forRelease(job, printer);
    if (shown.custody === 'strict' && !ticket.ticket)
      show(of, job, { progress: { phase: 'approving', bytes: 0, total: null } });
    try {
      const { ended } = await releaseJob(
        {
          job,
          holders: shown.holders,
          printer,
          session: of.user.session,
          acceptSecondCopy,
          ...ticket,
          onEvent: (step) =>
            'bytes' in step
              ? show(of, job, { progress: { phase: 'delivering', ...step } })
              : show(of, job, { state: step.state, failure: null, progress: undefined })
        },
        options,
        stopped
      );
      const name = organization.directory()?.printers.find(({ id }) => id === printer)?.name ?? null;
      show(of, job, { state: 'printing', printer: name });
      void ended.then(end);
    } catch (cause) {
      const error = asLetterlockError(cause);
      if (error.code === 'job-uncertain') end({ state: 'uncertain', error });
      else show(of, job, { state: shown.state, progress: undefined, failure: failureView(error) });
      throw error;
    }
  };

  const enter = async (proof: SignIn): Promise<void> => {
    if (visit) void leave(visit);
    const user = await openSessionBy(organization, proof);
    if (visit) void leave(visit); // two at once: the later one stays
    const of: Visit = {
      user,
      jobs: new Map(),
      releases: new Map(),
      tickets: createStationTickets(options),
      loaded: 0,
      expires: 0,
      cancelIdle: () => {}
    };
    visit = of;
    touch(of);
    changed();
    try {
      await load(of);
    } catch (error) {
      await leave(of);
      throw error;
    }
  };

  return {
    signIn: (user, pin) => enter({ user, pin }),
    signInByBadge: (badge, pin) => enter({ badge, pin }),
    async signOut() {
      if (visit) await leave(visit);
    },
    stay() {
      if (!visit) return;
      const of = visit;
      touch(of);
      changed();
      if (clock.now() - of.loaded >= freshMs)
        during(of, load(of)).catch((error) => logger.debug({ error }, 'no new list'));
    },
    async release(job, printer, acceptSecondCopy) {
      const of = present();
      if (of.releases.has(job)) throw new LetterlockError('job-in-progress');
      const running = release(of, job, printer, acceptSecondCopy);
      of.releases.set(job, running);
      touch(of);
      try {
        await during(of, running);
      } finally {
        of.releases.delete(job);
        if (visit === of) touch(of);
      }
      const shown = of.jobs.get(job);
      if (!shown) throw new LetterlockError('session-expired');
      return view(shown);
    },
    async ticket(text) {
      const of = present();
      touch(of);
      const { job, description } = await of.tickets.read(text, (id) => of.jobs.get(id));
      show(of, job, { description });
      return job;
    },
    async cancel(job) {
      const of = present();
      if (!of.jobs.has(job)) throw new LetterlockError('not-found', 'job');
      const { session } = of.user;
      await during(of, organization.call(`/v1/jobs/${job}/cancel`, { session }, Done));
      show(of, job, { state: 'canceled' });
    },
    session() {
      if (!visit) return null;
      const { tickets } = visit;
      const jobs = [...visit.jobs.values()]
        .sort((a, b) => (a.created < b.created ? 1 : -1))
        .map((job) => ({ ...view(job), ...(tickets.has(job.id) ? { ticket: true } : {}) }));
      return { user: visit.user.user.name, expires: isoTime(visit.expires), jobs };
    },
    onChange(listener) {
      listeners.add(listener);
      return () => listeners.delete(listener);
    }
  };
}
