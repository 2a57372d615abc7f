import type { JobId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { JobStore } from './job-store.ts';
import { failureView } from './job-view.ts';
import { sendFromOutbox } from './outbox-courier.ts';
import type { Registrar } from './registration.ts';
import { replenish } from './replenish.ts';
import { createRetryLoop } from './retry-loop.ts';
import type { SubmitPorts } from './submit.ts';

/**
 * What goes on by itself once a document is durable: jobs leave the outbox in order, the coordinator learns of them, and
 * missing replicas are made. Each begins again whenever something changes in the organization or on the network.
 */
export interface Background {
  wake(): void;
  /** Stops sending a job from the outbox; resolves when nothing touches it any more. */
  interrupt(job: JobId): Promise<void>;
  close(): Promise<void>;
}

export function startBackground(options: {
  readonly store: JobStore;
  readonly registrar: Registrar;
  readonly ports: SubmitPorts;
  readonly onProgress: (job: JobId, bytes: number | null) => void;
}): Background {
  const { store, registrar, ports, onProgress } = options;
  const { clock, logger, outbox, organization } = ports;
  let sending: { job: JobId; stop: AbortController; done: Promise<boolean> } | undefined;

  const loop = (name: string, run: (signal: AbortSignal) => Promise<boolean>) =>
    createRetryLoop({ name, run, clock, logger });

  const replicas = loop('replicas', (signal) => replenish(store, ports, signal));
  const registrations = loop('registrations', async () => {
    const left = await registrar.registerAll();
    replicas.wake();
    return left;
  });
  const courier = loop('outbox', async (signal) => {
    const waiting = store.all().filter((record) => record.inOutbox);
    let left = false;
    for (const { id: job } of waiting.reverse()) {
      const stop = new AbortController();
      const done = sendOne(job, AbortSignal.any([signal, stop.signal]));
      sending = { job, stop, done };
      try {
        if (!(await done)) return true;
      } catch (error) {
        if (stop.signal.aborted) continue;
        signal.throwIfAborted();
        logger.warn({ job, error }, 'a job stays in the outbox for now');
        left = true; // the others need not wait for it
      } finally {
        sending = undefined;
        onProgress(job, null);
      }
    }
    return left;
  });

  const readEntry = (job: JobId) =>
    outbox.entry(job).catch((error) => {
      if (asLetterlockError(error).code === 'storage-damaged') return null; // set aside
      throw error;
    });
  /** False when no node answers. */
  async function sendOne(job: JobId, signal: AbortSignal): Promise<boolean> {
    const record = store.get(job);
    if (!record?.inOutbox) return true; // canceled meanwhile
    if (Date.parse(record.expires) <= clock.now()) {
      await store.change(job, { state: 'expired', failure: failureView(new LetterlockError('job-expired')) });
      await outbox.remove(job);
      return true;
    }
    const entry = await readEntry(job);
    const sent = entry ? await sendFromOutbox(entry, (bytes) => onProgress(job, bytes), ports, signal) : 'damaged';
    if (sent === 'no-node') return false;
    if (!entry || sent === 'damaged') {
      logger.error({ job }, 'a job in the outbox is damaged');
      await store.change(job, {
        state: 'aborted',
        failure: failureView(new LetterlockError('storage-damaged', 'outbox'))
      });
      return true;
    }
    const { manifest } = entry;
    const jobPart = record.custody === 'strict' ? null : entry.jobPart;
    await store.change(job, {
      inOutbox: false,
      holders: sent.holdings.map(({ node }) => node),
      why: [...sent.why],
      registration: { manifest, jobPart, receipts: sent.holdings.map(({ receipt }) => receipt) }
    });
    await outbox.remove(job);
    registrations.wake();
    return true;
  }

  const wake = () => {
    courier.wake();
    registrations.wake();
  };
  const offs = [organization.onChange(wake), ports.networkChanged?.(wake)];

  return {
    wake,
    async interrupt(job) {
      if (sending?.job !== job) return;
      sending.stop.abort(new LetterlockError('conflict', 'canceled'));
      await sending.done.catch(() => {});
    },
    async close() {
      for (const off of offs) off?.();
      await Promise.all([courier.close(), registrations.close(), replicas.close()]);
    }
  };
}
