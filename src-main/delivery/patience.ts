import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { retry } from '../base/retry.ts';
import { firstInteger, stringsOf } from '../ipp/attributes.ts';
import { type IppPrinter, isBusy } from '../ipp/client.ts';
import { enumKeyword } from '../ipp/registry.ts';
import { isOver, reportOf } from './watch.ts';

interface Waiting {
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/** Asks a busy printer again, for a while: it has taken nothing. */
export function whenFree<T>(attempt: () => Promise<T>, { clock, signal }: Waiting): Promise<T> {
  const deadline = clock.now() + limits.printerBusySeconds * 1000;
  const again = (error: unknown): boolean => isBusy(error) && clock.now() < deadline;
  return retry(attempt, { again, clock, signal, most: 10_000 });
}

/** Decides whether a printer that went silent in the middle of an upload is waited for. */
export interface StallWatch {
  /** Something was taken. */
  moved(): void;
  /**
   * Asks the printer over another connection. Resolves when it says that it is at work, or that a person must come (paper,
   * door, jam), and that the job lives; throws `job-uncertain` with its reason when it does not, or has for too long.
   */
  onStall(printerJob: number | undefined): Promise<void>;
}

export function createStallWatch(options: {
  readonly printer: IppPrinter;
  readonly clock: Clock;
  readonly logger: Logger;
}): StallWatch {
  const { printer, clock, logger } = options;
  let silentSince: number | undefined;
  return {
    moved() {
      silentSince = undefined;
    },
    async onStall(printerJob) {
      silentSince ??= clock.now();
      const said = await printer.getPrinterAttributes('printer-state', 'printer-state-reasons');
      const state = enumKeyword('printer-state', firstInteger(said, 'printer-state') ?? 0);
      const reasons = stringsOf(said, 'printer-state-reasons').filter((each) => each !== 'none' && isKeyword(each));
      const ended = printerJob !== undefined && isOver(await reportOf(printerJob, printer));
      const waited = (clock.now() - silentSince) / 1000;
      logger.info({ state, reasons, waited }, 'the printer keeps a document waiting');
      if (ended || state === 'idle' || state === undefined || waited > limits.printerAttentionSeconds)
        throw new LetterlockError('job-uncertain', reasons[0] ?? 'the printer went silent');
    }
  };
}

/** What a printer says is shown to people: nothing but keywords. */
const isKeyword = (text: string): boolean => /^[a-z0-9._-]{1,100}$/i.test(text);
