import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { LetterlockError } from '../../src-main/base/errors.ts';
import type { IppAttribute } from '../../src-main/ipp/message.ts';
import type { IncomingDocument, IncomingJob, IntakeJob, PrinterState, PrintIntake } from '../../src-main/ipp/port.ts';
import { JobId } from '../../src-preload/contract/ids.ts';

export interface ReceivedDocument extends Omit<IncomingDocument, 'content'> {
  bytes: number;
  sha256: string;
}

export interface ReceivedJob extends IntakeJob {
  request: IncomingJob;
  received: ReceivedDocument[];
  /** Of the last document. */
  sha256?: string;
}

/** A PrintIntake that digests documents and keeps nothing of them. Its jobs are shown as those of the client are. */
export function createMemoryIntake() {
  const jobs: ReceivedJob[] = [];
  const events = new EventEmitter().setMaxListeners(0);
  const control = {
    refusal: null as LetterlockError | null,
    state: null as PrinterState | null,
    /** What the printers behind say of themselves. */
    printers: [] as readonly (readonly IppAttribute[])[],
    /** Called for each chunk; what it throws fails the job, what it awaits holds it up. */
    onChunk: async (_bytes: number): Promise<void> => undefined,
    identified: [] as (string | undefined)[]
  };
  const find = (id: JobId) => jobs.find((job) => job.id === id);
  const change = (job: ReceivedJob, state: IntakeJob['state'], ...reasons: string[]) => {
    Object.assign(job, { state, reasons });
    if (['completed', 'canceled', 'aborted'].includes(state)) {
      job.completed ??= Date.now();
      job.cancelable = state === 'completed';
      events.emit('finished', job);
    }
    events.emit('change');
  };
  const show = (job: ReceivedJob) =>
    job.request.held
      ? change(job, 'pending-held', 'job-hold-until-specified')
      : change(job, 'completed', 'queued-in-device');

  const intake: PrintIntake = {
    refusal: () => control.refusal,
    begin(request) {
      const id = JobId.parse(randomUUID());
      const { name, userName } = request;
      const created = Date.now();
      const state = request.held ? 'pending-held' : 'pending';
      const reasons = ['job-incoming', ...(request.held ? ['job-hold-until-specified'] : [])];
      const counts = { bytes: 0, documents: 0 };
      jobs.unshift({ id, state, reasons, cancelable: true, name, userName, created, ...counts, request, received: [] });
      events.emit('change');
      return id;
    },
    async documents(id, documents, signal) {
      const job = find(id);
      if (!job) throw new Error('no such job');
      change(job, 'processing', 'job-incoming');
      try {
        for await (const { content, ...document } of documents) {
          const digest = createHash('sha256');
          let bytes = 0;
          for await (const chunk of content) {
            signal.throwIfAborted();
            digest.update(chunk);
            bytes += chunk.length;
            job.bytes += chunk.length;
            events.emit('chunk', job);
            await control.onChunk(job.bytes);
          }
          job.documents++;
          job.sha256 = digest.digest('hex');
          job.received.push({ ...document, bytes, sha256: job.sha256 });
        }
        signal.throwIfAborted();
      } catch (error) {
        if (job.state === 'processing') change(job, 'aborted', 'aborted-by-system');
        throw error;
      }
      show(job);
    },
    async hold(id, held) {
      const job = find(id);
      if (!job) return;
      job.request = { ...job.request, held };
      if (job.state === 'pending-held' || job.state === 'pending')
        job.received.length > 0 ? show(job) : change(job, held ? 'pending-held' : 'pending', 'job-incoming');
    },
    async cancel(id) {
      const job = find(id);
      if (job) change(job, 'canceled', 'job-canceled-by-user');
    },
    job: find,
    jobs: () => jobs,
    printerState: () =>
      control.state ?? {
        state: jobs.some((job) => job.state === 'processing') ? 'processing' : 'idle',
        reasons: []
      },
    printers: () => control.printers,
    identify: (message) => void control.identified.push(message),
    onChange(listener) {
      events.on('change', listener);
      return () => events.off('change', listener);
    }
  };
  return {
    intake,
    jobs,
    control,
    /** The next job to end, in whatever state. */
    finished: async (): Promise<ReceivedJob> => (await once(events, 'finished'))[0] as ReceivedJob,
    chunk: async (): Promise<ReceivedJob> => (await once(events, 'chunk'))[0] as ReceivedJob
  };
}
