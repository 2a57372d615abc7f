import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { limits } from '../base/limits.ts';
import { bounded } from './document-stream.ts';
import type { IncomingDocument, IncomingJob, PrintIntake } from './port.ts';
import { IppRefusal } from './refusal.ts';

/** Seconds that a job may wait for its next document (RFC 8011 section 5.4.31). */
export const multipleOperationTimeOut = 60;

/**
 * Jobs from their creation to the end of their last document. A job whose next document doesn't come in time is ended
 * (multiple-operation-time-out-action: abort-job), for half of what was to be printed is not what was asked for.
 */
export interface Reception {
  /** Create-Job: the job now waits for its documents. Throws server-error-busy where too many do, and what the intake throws. */
  create(incoming: IncomingJob): JobId;
  /**
   * Print-Job and Send-Document: resolves when the document's bytes are taken; with the last one, when the whole job is
   * sealed and durable. Throws IppRefusal or LetterlockError; the job is over then.
   */
  receive(job: JobId, document: IncomingDocument, last: boolean): Promise<void>;
  /** Close-Job: no more documents. Resolves when the job is sealed and durable, or at once if it was; none came: it is canceled. */
  finish(job: JobId): Promise<void>;
  /** Ends a job and whatever is still arriving for it. */
  cancel(job: JobId): Promise<void>;
  /** Ends them all. */
  close(): void;
}

interface OpenJob {
  userName: string;
  controller: AbortController;
  /** Hands over a document, or with null the end of them; resolves when the intake has read the document to its end. */
  give(document: IncomingDocument | null, last: boolean): Promise<void>;
  documents: AsyncIterable<IncomingDocument>;
  count: number;
  /** A document is arriving, or the last one has. */
  busy: boolean;
  /** From the first document on: settles as the whole job does. */
  done?: Promise<void>;
  stopWaiting: () => void;
}

export function createReception(intake: PrintIntake, clock: Clock): Reception {
  const open = new Map<JobId, OpenJob>();

  function wait(job: JobId, each: OpenJob): void {
    if (!open.has(job)) return;
    const expire = (): void => void cancel(job).catch(() => undefined); // the intake has logged it
    each.stopWaiting = clock.after(multipleOperationTimeOut * 1000, expire);
  }

  async function send(job: JobId, each: OpenJob, document: IncomingDocument | null, last: boolean): Promise<void> {
    each.stopWaiting();
    each.busy = true;
    const { signal } = each.controller;
    try {
      const taken = each.give(document, last);
      each.done ??= intake.documents(job, each.documents, signal).finally(() => {
        each.stopWaiting();
        open.delete(job);
      });
      each.done.catch(() => undefined); // between documents nobody else listens
      await (last ? each.done : Promise.race([taken, each.done]));
      signal.throwIfAborted();
    } catch (error) {
      throw signal.aborted ? signal.reason : error;
    }
    if (last) return;
    each.busy = false;
    wait(job, each);
  }

  async function cancel(job: JobId): Promise<void> {
    const each = open.get(job);
    each?.stopWaiting();
    each?.controller.abort(new IppRefusal('server-error-job-canceled', 'the job was canceled'));
    open.delete(job);
    await intake.cancel(job);
  }

  return {
    create(incoming) {
      const { userName } = incoming;
      const own = [...open.values()].filter((each) => each.userName === userName).length;
      if (own >= limits.ippOpenJobsPerUser || open.size >= limits.ippOpenJobs) {
        throw new IppRefusal('server-error-busy', 'too many jobs wait for their documents');
      }
      const job = intake.begin(incoming);
      const each = openJob(userName);
      open.set(job, each);
      wait(job, each);
      return job;
    },
    async receive(job, document, last) {
      const each = open.get(job);
      if (!each) throw new IppRefusal('client-error-not-possible', 'the job takes no more documents');
      if (each.busy) throw new IppRefusal('server-error-busy', 'another document of this job is still arriving');
      if (++each.count > limits.documentsPerJob) {
        await cancel(job);
        throw new IppRefusal('server-error-too-many-documents', 'the job has too many documents');
      }
      const content = bounded(document.content, each.controller.signal);
      await send(job, each, { ...document, content, last }, last);
    },
    async finish(job) {
      const each = open.get(job);
      if (!each) return;
      if (each.busy) throw new IppRefusal('server-error-busy', 'a document of this job is still arriving');
      await (each.count === 0 ? cancel(job) : send(job, each, null, true));
    },
    cancel,
    close() {
      for (const { stopWaiting, controller } of open.values()) {
        stopWaiting();
        controller.abort(new IppRefusal('server-error-job-canceled', 'the printer is shutting down'));
      }
      open.clear();
    }
  };
}

interface Arrival {
  document: IncomingDocument | null;
  last: boolean;
  taken: () => void;
}

function openJob(userName: string): OpenJob {
  const controller = new AbortController();
  const { signal } = controller;
  const aborted = new Promise<never>((_resolve, reject) => {
    signal.addEventListener('abort', () => reject(signal.reason), { once: true });
  });
  aborted.catch(() => undefined);
  let arrive: (arrival: Arrival) => void = () => undefined;
  const arrival = (): Promise<Arrival> => new Promise((resolve) => (arrive = resolve));
  let next = arrival();

  /** Asking for the next document says that this one was read to its end. */
  async function* documents(): AsyncGenerator<IncomingDocument, void, undefined> {
    for (;;) {
      const { document, last, taken } = await Promise.race([next, aborted]);
      next = arrival();
      if (document) yield { ...document, last };
      taken();
      if (last) return;
    }
  }

  return {
    userName,
    controller,
    documents: documents(),
    give: (document, last) => new Promise((taken) => arrive({ document, last, taken })),
    count: 0,
    busy: false,
    stopWaiting: () => undefined
  };
}
