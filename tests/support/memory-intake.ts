import { createHash, randomUUID } from 'node:crypto';
import { EventEmitter, once } from 'node:events';
import type { LetterlockError } from '../../src-main/base/errors.ts';
import type { DocumentTicket, IncomingJob, IntakeJob, PrintIntake } from '../../src-main/ipp/port.ts';
import { JobId } from '../../src-preload/contract/ids.ts';

export interface ReceivedJob extends IntakeJob {
  request: IncomingJob;
  ticket?: DocumentTicket;
  sha256?: string;
}

/** A PrintIntake that digests documents and keeps nothing of them. */
export function createMemoryIntake() {
  const jobs: ReceivedJob[] = [];
  const events = new EventEmitter();
  const control = {
    refusal: null as LetterlockError | null,
    /** Called for each chunk; what it throws fails the document, what it awaits holds it up. */
    onChunk: async (_bytes: number): Promise<void> => undefined
  };
  const find = (id: JobId) => jobs.find((job) => job.id === id);
  const finish = (job: ReceivedJob, state: IntakeJob['state']) => {
    job.state = state;
    job.completed = Date.now();
    events.emit('finished', job);
  };
  const intake: PrintIntake = {
    refusal: () => control.refusal,
    begin(request) {
      const id = JobId.parse(randomUUID());
      const { name, userName } = request;
      jobs.unshift({ id, state: 'pending', reasons: [], name, userName, created: Date.now(), bytes: 0, request });
      return id;
    },
    async document(id, document, signal, ticket) {
      const job = find(id);
      if (!job) throw new Error('no such job');
      job.state = 'processing';
      job.ticket = ticket;
      const digest = createHash('sha256');
      try {
        for await (const chunk of document) {
          signal.throwIfAborted();
          digest.update(chunk);
          job.bytes += chunk.length;
          events.emit('chunk', job);
          await control.onChunk(job.bytes);
        }
        signal.throwIfAborted();
      } catch (error) {
        if (job.state === 'processing') finish(job, 'aborted');
        throw error;
      }
      job.sha256 = digest.digest('hex');
      finish(job, 'completed');
    },
    async cancel(id) {
      const job = find(id);
      if (job) finish(job, 'canceled');
    },
    job: find,
    jobs: () => jobs,
    printerState: () => ({
      state: jobs.some((job) => job.state === 'processing') ? 'processing' : 'idle',
      reasons: []
    })
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
