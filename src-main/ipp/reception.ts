import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { bounded } from './document-stream.ts';
import type { DocumentTicket, IncomingJob, PrintIntake } from './port.ts';
import { multipleOperationTimeOut } from './printer-attributes.ts';
import { IppRefusal } from './refusal.ts';

/**
 * Jobs between their creation and the end of their only document. A job whose document doesn't come in time is cancelled
 * (multiple-operation-time-out-action: abort-job).
 */
export interface Reception {
  /** Create-Job: the job now waits for its document. */
  create(incoming: IncomingJob): JobId;
  /** Print-Job and Send-Document: resolves when the job is sealed and durable. Throws IppRefusal or LetterlockError. */
  receive(job: JobId, document: AsyncIterable<Uint8Array>, ticket: DocumentTicket): Promise<void>;
  /** Whether the job still waits for its document. */
  isWaiting(job: JobId): boolean;
  /** Ends a job and whatever is still arriving for it. */
  cancel(job: JobId): Promise<void>;
  /** Ends them all. */
  close(): void;
}

export function createReception(intake: PrintIntake, clock: Clock): Reception {
  const waiting = new Map<JobId, () => void>();
  const arriving = new Map<JobId, AbortController>();

  function leaveWaiting(job: JobId): boolean {
    waiting.get(job)?.();
    return waiting.delete(job);
  }

  async function cancel(job: JobId): Promise<void> {
    leaveWaiting(job);
    arriving.get(job)?.abort(new IppRefusal('server-error-job-canceled', 'the job was canceled'));
    await intake.cancel(job);
  }

  return {
    create(incoming) {
      const job = intake.begin(incoming);
      const expire = () => void cancel(job).catch(() => undefined); // the intake has logged it
      waiting.set(job, clock.after(multipleOperationTimeOut * 1000, expire));
      return job;
    },
    async receive(job, document, ticket) {
      if (!leaveWaiting(job)) {
        throw new IppRefusal('server-error-multiple-document-jobs-not-supported', 'a job has one document here');
      }
      const controller = new AbortController();
      arriving.set(job, controller);
      try {
        await intake.document(job, bounded(document, controller.signal), controller.signal, ticket);
      } catch (error) {
        throw controller.signal.aborted ? controller.signal.reason : error;
      } finally {
        arriving.delete(job);
      }
    },
    isWaiting: (job) => waiting.has(job),
    cancel,
    close() {
      for (const job of waiting.keys()) leaveWaiting(job);
      for (const controller of arriving.values()) {
        controller.abort(new IppRefusal('server-error-job-canceled', 'the printer is shutting down'));
      }
    }
  };
}
