import type { Handler, IppAnswer, Printer, PrinterCall } from './call.ts';
import { controlOperations } from './job-control.ts';
import { createJobLookup } from './job-lookup.ts';
import { submissionOperations } from './job-submission.ts';
import { upTime } from './printer-attributes.ts';
import { createPrinterDescription } from './printer-description.ts';
import { IppRefusal } from './refusal.ts';
import { type OperationName, operations } from './registry.ts';
import { createSubscriptions } from './subscriptions/subscriptions.ts';

export type { IppAnswer, PrinterCall } from './call.ts';

/** Every operation that the virtual printer knows. */
export interface Operations {
  /** Throws LetterlockError, or IppRefusal: also for an operation-id that is not listed in operations-supported. */
  (call: PrinterCall): IppAnswer | Promise<IppAnswer>;
  /** Answers those who wait for events. */
  close(): void;
}

export function createOperations(printer: Printer): Operations {
  const started = printer.clock.now();
  const description = createPrinterDescription(printer, started);
  const jobs = createJobLookup(printer, started);
  const { intake, clock } = printer;
  const terms = { upTime: (at: number) => upTime(at, started), jobNumber: jobs.numberOf };
  const subscriptions = createSubscriptions({ intake, clock, terms });
  const handlers: Record<OperationName, Handler> = {
    ...description.handlers,
    ...submissionOperations(printer, jobs, description, subscriptions),
    ...controlOperations(printer, jobs, description),
    ...subscriptions.handlers
  };

  const operate = (call: PrinterCall): IppAnswer | Promise<IppAnswer> => {
    const name = operationNames.get(call.request.message.code);
    if (!name) throw new IppRefusal('server-error-operation-not-supported', 'see operations-supported');
    return handlers[name](call);
  };
  return Object.assign(operate, { close: subscriptions.close });
}

const operationNames = new Map(
  Object.entries(operations).map(([name, code]) => [code as number, name as OperationName])
);
