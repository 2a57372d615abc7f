import type { JobId } from '../../src-preload/contract/ids.ts';
import type { Clock } from '../base/clock.ts';
import { asLetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { backoff, pause } from '../base/retry.ts';
import { type IppPrinter, isBusy, isRefusal, type PrintAttributes } from '../ipp/client.ts';
import type { Outcome } from '../protocol/device-api.ts';
import { failedBy, settle } from './settle.ts';

/**
 * One Print-Job; `delivered` once the printer has the whole job. A busy printer has taken nothing and is asked again for a while; whatever else breaks off once a byte of
 * the document may have gone out is settled with the printer and never sent again.
 */
export async function send(options: {
  readonly job: JobId;
  readonly printer: IppPrinter;
  readonly attributes: PrintAttributes;
  /** The document from its beginning, each time it is called. */
  readonly document: () => AsyncIterable<Uint8Array>;
  /** Bytes handed to the connection so far. */
  readonly onProgress: (bytes: number) => void;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}): Promise<Outcome> {
  const { job, printer, attributes, document, onProgress, clock, signal } = options;
  const deadline = clock.now() + limits.printerBusySeconds * 1000;
  for (const ms of backoff(500, 10_000)) {
    let sent: 'nothing' | 'partly' | 'wholly' = 'nothing';
    async function* watched() {
      let bytes = 0;
      for await (const chunk of document()) {
        sent = 'partly';
        yield chunk;
        bytes += chunk.length;
        onProgress(bytes);
      }
      sent = 'wholly';
    }
    try {
      const { number } = await printer.printJob(attributes, watched());
      return { result: 'delivered', printerJob: number };
    } catch (error) {
      signal.throwIfAborted();
      if (!isBusy(error) || clock.now() >= deadline) return brokenOff(error, sent);
    }
    await pause(ms, clock, signal);
  }
  throw new TypeError('unreachable');

  function brokenOff(error: unknown, sent: 'nothing' | 'partly' | 'wholly'): Promise<Outcome> | Outcome {
    const { code } = asLetterlockError(error);
    if (sent === 'nothing' || isRefusal(error)) return failedBy(error);
    return settle({ job, printer, sent, code, clock, signal });
  }
}
