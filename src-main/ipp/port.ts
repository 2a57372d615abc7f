import type { JobId } from '../../src-preload/contract/ids.ts';
import type { LetterlockError } from '../base/errors.ts';
import type { IppAttribute } from './message.ts';

/** What a printer server asks of the rest of Letterlock. Implemented by app/ over jobs/. */
export interface PrintIntake {
  /** Says now whether jobs are taken; null means yes. */
  refusal(): LetterlockError | null;
  /** Begins a job at once (Create-Job, or Print-Job before its document). Cheap: allocates the id and remembers the ticket. */
  begin(request: IncomingJob): JobId;
  /**
   * Takes a job's documents in their order, each as a stream that is read to its end before the next one is asked for;
   * resolves when the job is sealed and durable. Rejects with LetterlockError; nothing partial remains.
   */
  documents(job: JobId, documents: AsyncIterable<IncomingDocument>, signal: AbortSignal): Promise<void>;
  /** Hold-Job and Release-Job: what the owner wants the print system to see. The sealed job waits for its owner either way. */
  hold(job: JobId, held: boolean): Promise<void>;
  cancel(job: JobId): Promise<void>;
  /** Snapshot for Get-Job-Attributes and Get-Jobs; undefined: unknown. */
  job(job: JobId): IntakeJob | undefined;
  /** Newest first. */
  jobs(): readonly IntakeJob[];
  printerState(): PrinterState;
  /** The printers that jobs may be released at, each in its own words (capabilities.ts). Empty: none is known. */
  printers(): readonly (readonly IppAttribute[])[];
  /** Identify-Printer: brings the window to the front. */
  identify(message?: string): void;
  /** Called after a job, the printer's state or the printers changed. Returns what ends it. */
  onChange(listener: () => void): () => void;
}

export interface IncomingJob {
  name: string;
  /** Whoever was authenticated; where nobody had to be, requesting-user-name. */
  userName: string;
  /** All job template attributes and the operation attributes worth keeping, byte for byte. */
  attributes: readonly IppAttribute[];
  /** job-hold-until asked for more than no-hold. */
  held: boolean;
}

export interface IncomingDocument {
  /** document-name. */
  name?: string;
  /** MIME type, detected where the client left it open; 'application/octet-stream' when that gave nothing. */
  format: string;
  /** Document template attributes of the request that carried it (PWG 5100.5), byte for byte. */
  attributes: readonly IppAttribute[];
  /** Uncompressed. */
  content: AsyncIterable<Uint8Array>;
  /** False: the client said that others follow (last-document), and nobody knows when. */
  last?: boolean;
}

export interface IntakeJob {
  id: JobId;
  state: 'pending' | 'pending-held' | 'processing' | 'processing-stopped' | 'completed' | 'canceled' | 'aborted';
  /** job-state-reasons keywords; empty means none. */
  reasons: readonly string[];
  /** job-state-message: what has become of the sealed job, for people. */
  message?: string;
  /** Whether Cancel-Job still has an effect: also when the print system was told that its own part is completed. */
  cancelable: boolean;
  name: string;
  userName: string;
  /** Milliseconds since the Unix epoch. */
  created: number;
  completed?: number;
  bytes: number;
  documents: number;
  /** Where known. */
  pages?: number;
}

export interface PrinterState {
  state: 'idle' | 'processing' | 'stopped';
  /** printer-state-reasons keywords; empty means none. */
  reasons: readonly string[];
  message?: string;
}
