import { createStore } from 'zustand/vanilla';
import type { Bridge, Failure, JobId, JobView, PrinterId, StationState } from '../../src-preload/contract/index.ts';
import { ask } from '../gateway/bridge.ts';
import { canRelease } from './jobs.ts';
import { outcomeOf } from './release.ts';

type Progress = 'waiting' | 'working' | 'done' | Failure;
/** One press of the print button: its jobs in order, and how each of them went. */
export interface Run {
  readonly printer: PrinterId;
  readonly results: ReadonlyMap<JobId, Progress>;
  readonly finished: boolean;
}

interface Session {
  readonly user: string;
  readonly pin: string;
  /** The number of a badge that was read; empty: a person types. Only while it waits for its PIN. */
  readonly badge: string;
  readonly signingIn: boolean;
  readonly failure: Failure | null;
  /** A release ticket is being looked at. */
  readonly reading: boolean;
  readonly selected: ReadonlySet<JobId>;
  readonly printer: PrinterId | null;
  readonly run: Run | null;
  /** From the press of the sign-out button until the engine agrees: nothing is shown meanwhile, even if it never answers. */
  readonly leaving: boolean;
  left(): void;
  fill(fields: Partial<Pick<Session, 'user' | 'pin' | 'badge'>>): void;
  signIn(): Promise<StationState | null>;
  signOut(): Promise<void>;
  stay(): void;
  /** The text of a release ticket, which is passed on and not kept; its document is then chosen. */
  ticket(text: string): Promise<void>;
  toggle(job: JobId): void;
  select(jobs: readonly JobId[]): void;
  choose(printer: PrinterId): void;
  cancel(job: JobId): Promise<void>;
  print(jobs: readonly JobView[], printer: PrinterId): Promise<void>;
  endRun(): void;
  forget(): void;
}
export type SessionStore = ReturnType<typeof createSession>;

const blank = {
  user: '',
  pin: '',
  badge: '',
  signingIn: false,
  failure: null,
  reading: false,
  selected: new Set<JobId>(),
  printer: null,
  run: null
} as const;

/** Touches are reported at most this often. */
const stayEvery = 5_000;

/**
 * What a person at the station has typed and chosen. Forgotten as a whole by `forget`, which runs whenever nobody is signed in;
 * the PIN is forgotten as soon as it is sent.
 */
export const createSession = (bridge: Bridge, now: () => number = Date.now) => {
  let stayed = Number.NEGATIVE_INFINITY;
  /** Changes whenever somebody signs in or leaves: what was started for one person never shows to the next. */
  let person = 0;
  return createStore<Session>()((set, get) => ({
    ...blank,
    leaving: false,
    left: () => set({ leaving: false }),
    fill: (fields) => set({ ...fields, failure: null }),
    signIn: async () => {
      const { user, pin, badge } = get();
      set({ signingIn: true, pin: '', failure: null });
      const proof = badge ? { badge, ...(pin ? { pin } : {}) } : { user: user.trim(), pin };
      const result = await ask(bridge, 'station.sign-in', proof);
      if (!result.ok) {
        // A badge that needs its PIN is no failure, and may be tried again when the PIN was not right.
        const asked = result.code === 'pin-required';
        const kept = asked || result.code === 'pin-wrong';
        set({ signingIn: false, failure: asked ? null : result, badge: kept ? badge : '' });
        return null;
      }
      person += 1;
      const { session } = result.value;
      const ready = session?.jobs.filter(canRelease) ?? [];
      const [only] = ready;
      const chosen = only && ready.length === 1 && only.owner === session?.user;
      set({ ...blank, leaving: false, selected: new Set(chosen ? [only.id] : []) });
      return result.value;
    },
    signOut: async () => {
      get().forget();
      set({ leaving: true });
      await ask(bridge, 'station.sign-out', {});
    },
    stay: () => {
      if (now() - stayed < stayEvery) return;
      stayed = now();
      void ask(bridge, 'station.stay', {});
    },
    ticket: async (text) => {
      const started = person;
      set({ reading: true, failure: null });
      const result = await ask(bridge, 'station.ticket', { text });
      if (started !== person) return;
      const selected = result.ok ? new Set(get().selected).add(result.value.job) : get().selected;
      set({ reading: false, failure: result.ok ? null : result, selected });
    },
    toggle: (job) => {
      const selected = new Set(get().selected);
      if (!selected.delete(job)) selected.add(job);
      set({ selected });
    },
    select: (jobs) => set({ selected: new Set(jobs) }),
    choose: (printer) => set({ printer }),
    cancel: async (job) => {
      const result = await ask(bridge, 'station.cancel', { job });
      set({ failure: result.ok ? null : result });
    },
    print: async (jobs, printer) => {
      const started = person;
      const results = new Map<JobId, Progress>(jobs.map((job) => [job.id, 'waiting']));
      const note = (job: JobId, progress: Progress) => {
        results.set(job, progress);
        if (started === person) set({ run: { printer, results: new Map(results), finished: false } });
      };
      for (const job of jobs) {
        if (started !== person) return;
        note(job.id, 'working');
        const acceptSecondCopy = job.state === 'uncertain';
        const result = await ask(bridge, 'station.release', { job: job.id, printer, acceptSecondCopy });
        note(job.id, result.ok ? (outcomeOf(result.value).failure ?? 'done') : result);
      }
      if (started === person) set({ run: { printer, results, finished: true }, selected: new Set() });
    },
    endRun: () => set({ run: null }),
    forget: () => {
      person += 1;
      set(blank);
    }
  }));
};

/** Whether a session that ends at `expires` may still be shown. One second of grace: its last tick shows 0:00. */
export const isOpen = (expires: string, now: number): boolean => Date.parse(expires) + 1_000 > now;
