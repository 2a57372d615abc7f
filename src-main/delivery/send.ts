import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { type IppPrinter, isAnswer, isRefusal } from '../ipp/client.ts';
import type { Outcome } from '../protocol/device-api.ts';
import type { DocumentReader } from './documents.ts';
import { createStallWatch, whenFree } from './patience.ts';
import type { PlannedDocument, PlannedJob } from './plan.ts';
import { cameOut, discard, failedBy, settle } from './settle.ts';
import type { Marks } from './watch.ts';

/**
 * Gives one job to a printer; `delivered` once the printer has all of it. A busy printer has taken nothing and is asked again
 * for a while; whatever else breaks off once a byte of a document may have gone out is settled with the printer and never
 * sent again.
 */
export async function send(options: {
  readonly job: PlannedJob;
  readonly printer: IppPrinter;
  readonly documents: DocumentReader;
  readonly marks: Marks;
  /** Jobs that this delivery has made before. */
  readonly known: readonly number[];
  /** Durably remembers, before the first byte of a document, that there will be one, and in which printer job if that is known. */
  readonly remember: (printerJob: number | undefined) => Promise<void>;
  /** Bytes of the whole job handed to the connection so far. */
  readonly onProgress: (bytes: number) => void;
  readonly clock: Clock;
  readonly logger: Logger;
  readonly signal: AbortSignal;
}): Promise<Outcome> {
  const { job, printer, documents, remember, onProgress, signal } = options;
  const stalls = createStallWatch(options);
  let printerJob: number | undefined;
  let taken = 0;
  let sent: 'nothing' | 'partly' | 'wholly' = 'nothing';

  async function* contentOf({ index, offset }: PlannedDocument) {
    sent = taken === 0 ? 'nothing' : 'partly';
    let bytes = offset;
    for await (const chunk of documents.read(index)) {
      sent = 'partly';
      yield chunk;
      stalls.moved();
      bytes += chunk.length;
      onProgress(bytes);
    }
    if (index === job.documents.at(-1)?.index) sent = 'wholly';
  }
  const onStall = () => stalls.onStall(printerJob);

  async function create(): Promise<number> {
    const { number } = await whenFree(() => printer.createJob(job.attributes), options);
    printerJob = number;
    await remember(number);
    for (const document of job.documents) {
      const last = taken === job.documents.length - 1;
      const upload = () => printer.sendDocument(number, document.attributes, contentOf(document), { last, onStall });
      await whenFree(upload, options);
      taken += 1;
    }
    return number;
  }

  async function print([document]: readonly PlannedDocument[]): Promise<number> {
    if (!document) throw new TypeError('a job without documents');
    await remember(undefined);
    const operation = [...job.attributes.operation, ...document.attributes.operation];
    const attributes = { ...job.attributes, ...document.attributes, operation };
    const { number } = await whenFree(() => printer.printJob(attributes, contentOf(document), { onStall }), options);
    return number;
  }

  try {
    return { result: 'delivered', printerJob: await (job.created ? create() : print(job.documents)) };
  } catch (error) {
    signal.throwIfAborted();
    const refused = isRefusal(error);
    if (sent === 'nothing' || (refused && taken === 0 && !(await cameOut(printerJob, options)))) {
      const mayBeLeft = job.created && (printerJob !== undefined || !refused);
      if (mayBeLeft) await discard(printerJob, options);
      return failedBy(error);
    }
    const { code, detail } = asLetterlockError(error);
    const arrived = sent === 'wholly' && !isAnswer(error) ? 'unknown' : sent;
    return settle({ ...options, printerJob, sent: refused ? 'partly' : arrived, code, detail });
  }
}
