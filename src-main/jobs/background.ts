import type { JobId } from '../../src-preload/contract/ids.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import type { JobRecord } from './job-record.ts';
import { isFinal } from './job-state.ts';
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
  /** The coordinator spoke of a job that is kept here: it may have ended, or have come to enough nodes. */
  reconsider(job: JobId): Promise<void>;
  close(): Promise<void>;
}

/** `left`: it will be tried again. `no-node`: none answers, so nothing else needs trying. */
type Progress = 'done' | 'left' | 'no-node';

export function startBackground(options: {
  readonly store: JobStore;
  readonly registrar: Registrar;
  readonly ports: SubmitPorts;
  readonly onProgress: (job: JobId, bytes: number | null) => void;
}): Background {
  const { store, registrar, ports, onProgress } = options;
  const { clock, logger, outbox, organization } = ports;
  let sending: { job: JobId; stop: AbortController; done: Promise<Progress> } | undefined;

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
        const progress = await done;
        if (progress === 'no-node') return true;
        if (progress === 'left') left = true;
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
  /** Enough nodes have it, or it has ended: what is kept here goes. */
  async function letGo(job: JobId, change: Partial<Omit<JobRecord, 'v' | 'id'>>): Promise<'done'> {
    await store.change(job, { ...change, inOutbox: false });
    await outbox.remove(job);
    return 'done';
  }
  async function sendOne(job: JobId, signal: AbortSignal): Promise<Progress> {
    const record = store.get(job);
    if (!record?.inOutbox) return 'done'; // canceled meanwhile
    const { holders } = record;
    if (holders.length >= record.quorum) return letGo(job, {});
    if (Date.parse(record.expires) <= clock.now())
      return letGo(job, { state: 'expired', failure: failureView(new LetterlockError('job-expired')) });
    const entry = await readEntry(job);
    const how = { holders, least: 1, onProgress: (bytes: number) => onProgress(job, bytes) };
    const sent = entry ? await sendFromOutbox(entry, how, ports, signal) : 'damaged';
    // Others, which no node has yet, may find one all the same.
    if (sent === 'no-node') return holders.length === 0 ? 'no-node' : 'left';
    if (!entry || sent === 'damaged') {
      logger.error({ job }, 'a job in the outbox is damaged');
      const failure = failureView(new LetterlockError('storage-damaged', 'outbox'));
      await store.change(job, holders.length === 0 ? { state: 'aborted', failure } : { inOutbox: false });
      return 'done';
    }
    const { manifest } = entry;
    const jobPart = record.custody === 'strict' ? null : entry.jobPart;
    const now = store.get(job) ?? record;
    const known = [...new Set([...now.holders, ...sent.holdings.map(({ node }) => node)])];
    const receipts = [...(now.registration?.receipts ?? []), ...sent.holdings.map(({ receipt }) => receipt)];
    const change = { holders: known, why: [...sent.why], registration: { manifest, jobPart, receipts } };
    const enough = known.length >= record.quorum;
    await (enough ? letGo(job, change) : store.change(job, change));
    registrations.wake();
    return enough ? 'done' : 'left';
  }

  const wake = () => {
    courier.wake();
    registrations.wake();
  };
  const offs = [organization.onChange(wake), ports.networkChanged?.(wake)];

  const interrupt = async (job: JobId) => {
    if (sending?.job !== job) return;
    sending.stop.abort(new LetterlockError('conflict', 'canceled'));
    await sending.done.catch(() => {});
  };

  return {
    wake,
    interrupt,
    async reconsider(job) {
      const record = store.get(job);
      if (record && !isFinal(record.state)) return courier.wake();
      await interrupt(job);
      await outbox.remove(job);
    },
    async close() {
      for (const off of offs) off?.();
      await Promise.all([courier.close(), registrations.close(), replicas.close()]);
    }
  };
}
