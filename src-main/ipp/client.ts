import { LetterlockError } from '../base/errors.ts';
import { charset, firstInteger, groupOf, integer, keyword, nameAttribute, naturalLanguage, uri } from './attributes.ts';
import type { IppAttribute, IppMessage } from './message.ts';
import {
  connectPinned,
  connectPlain,
  type PrinterAddress,
  type PrinterConnection,
  parsePrinterUri
} from './printer-connection.ts';
import { exchange } from './printer-exchange.ts';
import { enumKeyword, isSuccess, type OperationName, operations, statusName } from './registry.ts';

export { fetchPrinterCertificate, type PrinterCertificate } from './printer-certificate.ts';

export interface PrinterOptions {
  /** ipps://… or ipp://… */
  uri: string;
  /** SHA-256 of the printer's DER certificate, hex. Needed for ipps: without it the printer is not an approved one. */
  pin?: string;
  /** Whether an ipp: URI may be used: an administrator allowed it for this printer. */
  plainAllowed?: boolean;
  /** Ends whatever is going on. */
  signal: AbortSignal;
  /** requesting-user-name. */
  userName?: string;
}

export interface PrinterJob {
  /** job-id at the printer. */
  number: number;
  /** job-state keyword: 'pending', 'processing', 'completed', … */
  state: string;
}

/** An IPP printer to deliver to. Every call is a connection of its own, its certificate compared before the first byte. */
export interface IppPrinter {
  /** All attributes, or the ones named. */
  getPrinterAttributes(...requested: string[]): Promise<IppAttribute[]>;
  /**
   * Print-Job, streaming; `attributes` are operation attributes (job-name, document-format) and job template attributes.
   * If `document` throws, so does this, and the printer never sees the end of the body.
   */
  printJob(attributes: PrintAttributes, document: AsyncIterable<Uint8Array>): Promise<PrinterJob>;
  getJobAttributes(job: number, ...requested: string[]): Promise<IppAttribute[]>;
  getJobs(which: 'completed' | 'not-completed', ...requested: string[]): Promise<IppAttribute[][]>;
  cancelJob(job: number): Promise<void>;
}

export interface PrintAttributes {
  operation: readonly IppAttribute[];
  job: readonly IppAttribute[];
}

/**
 * Throws LetterlockError: printer-not-secure, printer-not-approved; its methods printer-unreachable,
 * printer-certificate-changed, printer-refused with the IPP status keyword as detail (see isBusy), job-uncertain.
 */
export function openPrinter(options: PrinterOptions): IppPrinter {
  const { signal } = options;
  const address = parsePrinterUri(options.uri);
  const connect = connector(address, options);

  async function call(
    operation: OperationName,
    attributes: readonly IppAttribute[],
    job: readonly IppAttribute[] = [],
    document?: AsyncIterable<Uint8Array>
  ): Promise<IppMessage> {
    const request: IppMessage = {
      version: '2.0',
      code: operations[operation],
      requestId: 1,
      groups: [
        {
          tag: 'operation-attributes-tag',
          attributes: [
            charset('attributes-charset', 'utf-8'),
            naturalLanguage('attributes-natural-language', 'en'),
            uri('printer-uri', address.uri),
            ...attributes.filter(({ name }) => name === 'job-id'), // the target comes first, RFC 8011 section 4.1.5
            nameAttribute('requesting-user-name', options.userName ?? 'letterlock'),
            ...attributes.filter(({ name }) => name !== 'job-id')
          ]
        },
        ...(job.length > 0 ? [{ tag: 'job-attributes-tag' as const, attributes: [...job] }] : [])
      ]
    };
    const reply = await exchange(await connect(), { ...address, message: request, document, signal });
    if (!isSuccess(reply.code)) throw new LetterlockError('printer-refused', statusName(reply.code));
    return reply;
  }

  return {
    async getPrinterAttributes(...requested) {
      return groupOf(await call('Get-Printer-Attributes', requestedOf(requested)), 'printer-attributes-tag');
    },
    async printJob({ operation, job }, document) {
      const created = groupOf(await call('Print-Job', operation, job, document), 'job-attributes-tag');
      const number = firstInteger(created, 'job-id');
      if (number === undefined) throw new LetterlockError('job-uncertain', 'no job-id in its answer');
      return { number, state: enumKeyword('job-state', firstInteger(created, 'job-state') ?? 0) ?? 'pending' };
    },
    async getJobAttributes(job, ...requested) {
      const attributes = [integer('job-id', job), ...requestedOf(requested)];
      return groupOf(await call('Get-Job-Attributes', attributes), 'job-attributes-tag');
    },
    async getJobs(which, ...requested) {
      const reply = await call('Get-Jobs', [...requestedOf(requested), keyword('which-jobs', which)]);
      return reply.groups.filter(({ tag }) => tag === 'job-attributes-tag').map(({ attributes }) => attributes);
    },
    async cancelJob(job) {
      await call('Cancel-Job', [integer('job-id', job)]);
    }
  };
}

function connector(
  address: PrinterAddress,
  { pin, plainAllowed, signal }: PrinterOptions
): () => Promise<PrinterConnection> {
  if (address.secure) {
    if (!pin) throw new LetterlockError('printer-not-approved', 'its certificate is not pinned');
    return () => connectPinned(address, pin, signal);
  }
  if (plainAllowed !== true) throw new LetterlockError('printer-not-secure');
  return () => connectPlain(address, signal);
}

/** Whether a refusal passes by itself: the caller may wait and try again, for the printer has taken nothing. */
export const isBusy = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-refused' && passing.has(error.detail ?? '');

/** Whether the printer said no, rather than that something went wrong with a job that it may have taken. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-refused' && !trouble.test(error.detail ?? '');

/** Statuses of the 0x05 range that say nothing about the document (RFC 8011 appendix B.1.5), and HTTP's. */
const trouble = /^(HTTP 5|0x05|server-error-(internal-error|device-error|job-canceled)$)/;

const passing = new Set([
  'server-error-busy',
  'server-error-not-accepting-jobs',
  'server-error-service-unavailable',
  'server-error-temporary-error',
  'server-error-too-many-jobs'
]);

const requestedOf = (names: readonly string[]): IppAttribute[] =>
  names.length > 0 ? [keyword('requested-attributes', ...names)] : [];
