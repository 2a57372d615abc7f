import { LetterlockError } from '../base/errors.ts';
import { mimeMediaType } from '../ipp/attributes.ts';
import type { PrintAttributes } from '../ipp/client.ts';
import type { PrinterSurvey } from './survey.ts';
import type { DeliveryTicket } from './ticket.ts';

/** One job as a printer will get it. */
export interface PlannedJob {
  /** True: Create-Job, then a Send-Document for each. False: Print-Job, with one document. */
  readonly created: boolean;
  readonly attributes: PrintAttributes;
  readonly documents: readonly PlannedDocument[];
}

export interface PlannedDocument {
  /** Its place among the documents of the whole job. */
  readonly index: number;
  /** Bytes of the whole job before it. */
  readonly offset: number;
  readonly attributes: PrintAttributes;
}

/**
 * How a job goes to a printer: as one job if the printer takes several documents, else as a job for each document, in their
 * order. Throws `format-not-supported` before anything is printed.
 */
export function planJobs({ operation, job, documents }: DeliveryTicket, survey: PrinterSurvey): PlannedJob[] {
  const { createsJobs: created, multipleDocuments, formatFor } = survey;
  let offset = 0;
  const planned = documents.map((document, index): PlannedDocument => {
    const format = formatFor(document.format);
    if (!format) throw new LetterlockError('format-not-supported', document.format);
    const named = [mimeMediaType('document-format', format), ...document.operation];
    const at = offset;
    offset += document.size;
    return { index, offset: at, attributes: { operation: named, document: document.template } };
  });
  const attributes = { operation, job };
  if (created && multipleDocuments) return [{ created, attributes, documents: planned }];
  return planned.map((document) => ({ created, attributes, documents: [document] }));
}
