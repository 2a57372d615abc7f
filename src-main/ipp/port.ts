import type { JobId } from '../../src-preload/contract/ids.ts';
import type { LetterlockError } from '../base/errors.ts';
import type { IppAttribute } from './message.ts';

/** What the virtual printer asks of the rest of Letterlock. Implemented by app/ over jobs/. */
export interface PrintIntake {
  /** Says now whether jobs are taken; null means yes. */
  refusal(): LetterlockError | null;
  /** Begins a job at once (Create-Job, or Print-Job before its document). Cheap: allocates the id and remembers the ticket. */
  begin(request: IncomingJob): JobId;
  /**
   * Streams one document in; resolves when the job is sealed and durable. Rejects with LetterlockError; nothing partial
   * remains. `ticket` is what came with the document itself: after Create-Job its format is known only here.
   */
  document(job: JobId, document: AsyncIterable<Uint8Array>, signal: AbortSignal, ticket: DocumentTicket): Promise<void>;
  cancel(job: JobId): Promise<void>;
  /** Snapshot for Get-Job-Attributes and Get-Jobs; undefined: unknown. */
  job(job: JobId): IntakeJob | undefined;
  /** Newest first. */
  jobs(): readonly IntakeJob[];
  printerState(): PrinterState;
}

export interface IncomingJob {
  name: string;
  userName: string;
  /** MIME type. 'application/octet-stream' where the client left it open, as with Create-Job. */
  documentFormat: string;
  /** All job template attributes and the operation attributes worth keeping, tags kept. */
  attributes: readonly IppAttribute[];
}

export interface DocumentTicket {
  documentFormat: string;
  /** Operation and document attributes of the request that carried the document. */
  attributes: readonly IppAttribute[];
}

export interface IntakeJob {
  id: JobId;
  state: 'pending' | 'processing' | 'completed' | 'canceled' | 'aborted';
  /** job-state-reasons keywords; empty means none. */
  reasons: readonly string[];
  name: string;
  userName: string;
  /** Milliseconds since the Unix epoch. */
  created: number;
  completed?: number;
  bytes: number;
}

export interface PrinterState {
  state: 'idle' | 'processing' | 'stopped';
  /** printer-state-reasons keywords; empty means none. */
  reasons: readonly string[];
  message?: string;
}
