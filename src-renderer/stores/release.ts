import { createStore } from 'zustand/vanilla';
import type { Bridge, Failure, JobId, JobView, PrinterId } from '../../src-preload/contract/index.ts';
import { ask } from '../gateway/bridge.ts';

interface Release {
  /** The job whose release dialog is open. */
  readonly job: JobId | null;
  readonly phase: 'form' | 'working' | 'done';
  /** Remembered from release to release. */
  readonly printer: PrinterId | null;
  readonly user: string;
  readonly pin: string;
  readonly consent: boolean;
  readonly failure: Failure | null;
  open(job: JobId): void;
  close(): void;
  choose(printer: PrinterId): void;
  fill(fields: Partial<Pick<Release, 'user' | 'pin' | 'consent'>>): void;
  submit(printer: PrinterId): Promise<void>;
}
export type ReleaseStore = ReturnType<typeof createRelease>;

const blank = { phase: 'form', pin: '', consent: false, failure: null } as const;

/** The PIN may be tried again at once; every other failure needs a look first. */
export const isPinFailure = (failure: Failure | null): boolean =>
  failure?.code === 'pin-wrong' || failure?.code === 'pin-locked';

/** The job as it came back: what the dialog must say now. */
export const outcomeOf = (job: JobView): { phase: Release['phase']; failure: Failure | null } => {
  if (job.state === 'completed') return { phase: 'done', failure: null };
  if (job.state === 'released' || job.state === 'printing') return { phase: 'working', failure: null };
  const code = job.state === 'uncertain' ? 'job-uncertain' : 'job-not-releasable';
  return { phase: 'form', failure: job.failure ?? { code, message: '' } };
};

/** One release from the client window. The PIN is forgotten as soon as it is sent. */
export const createRelease = (bridge: Bridge) =>
  createStore<Release>()((set, get) => ({
    ...blank,
    job: null,
    printer: null,
    user: '',
    open: (job) => set({ ...blank, job }),
    close: () => set({ ...blank, job: null }),
    choose: (printer) => set({ printer }),
    fill: (fields) => set(fields),
    submit: async (printer) => {
      const { job, pin, user, consent } = get();
      if (!job) return;
      set({ phase: 'working', pin: '', failure: null, printer });
      const result = await ask(bridge, 'client.release', {
        job,
        printer,
        pin,
        ...(user.trim() ? { user: user.trim() } : {}),
        acceptSecondCopy: consent
      });
      if (get().job !== job) return; // the dialog was closed meanwhile: the row tells
      set(result.ok ? outcomeOf(result.value) : { phase: 'form', failure: result });
    }
  }));
