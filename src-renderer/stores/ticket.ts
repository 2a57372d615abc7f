import { createStore } from 'zustand/vanilla';
import type { Bridge, Failure, JobId, TicketView } from '../../src-preload/contract/index.ts';
import { ask } from '../gateway/bridge.ts';

interface Ticket {
  /** The job whose ticket dialog is open. */
  readonly job: JobId | null;
  readonly user: string;
  readonly pin: string;
  readonly working: boolean;
  readonly failure: Failure | null;
  /** Whoever sees it has the ticket: it is here while the dialog shows it, and nowhere else. */
  readonly ticket: TicketView | null;
  open(job: JobId): void;
  close(): void;
  fill(fields: Partial<Pick<Ticket, 'user' | 'pin'>>): void;
  take(): Promise<void>;
}
export type TicketStore = ReturnType<typeof createTicket>;

const blank = { user: '', pin: '', working: false, failure: null, ticket: null } as const;

/** One release ticket: asked for with the PIN, which is forgotten as soon as it is sent; shown, and forgotten with the dialog. */
export const createTicket = (bridge: Bridge) =>
  createStore<Ticket>()((set, get) => ({
    ...blank,
    job: null,
    open: (job) => set({ ...blank, job }),
    close: () => set({ ...blank, job: null }),
    fill: (fields) => set(fields),
    take: async () => {
      const { job, pin, user } = get();
      if (!job) return;
      set({ working: true, pin: '', failure: null });
      const as = user.trim() ? { user: user.trim() } : {};
      const result = await ask(bridge, 'client.ticket', { job, pin, ...as });
      if (get().job !== job) return; // the dialog was closed meanwhile: nobody shall see it
      set({ working: false, ...(result.ok ? { ticket: result.value } : { failure: result }) });
    }
  }));
