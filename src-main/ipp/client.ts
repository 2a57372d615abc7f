import type { Agent } from 'node:http';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import {
  boolean,
  charset,
  firstInteger,
  firstString,
  groupOf,
  integer,
  keyword,
  nameAttribute,
  naturalLanguage,
  uri
} from './attributes.ts';
import { errorIn } from './intake-status.ts';
import type { GroupTag, IppAttribute, IppGroup, IppMessage } from './message.ts';
import { printerAgent } from './printer-agent.ts';
import { connectPinned, connectPlain, type PrinterAddress, parsePrinterUri } from './printer-connection.ts';
import { exchange } from './printer-exchange.ts';
import { enumKeyword, isSuccess, type OperationName, operations, statusName } from './registry.ts';

export { fetchPrinterCertificate, type PrinterCertificate } from './printer-certificate.ts';

export interface PrinterOptions {
  /** ipps://… or ipp://… */
  readonly uri: string;
  /** SHA-256 of the printer's DER certificate, hex. Needed for ipps: without it the printer is not an approved one. */
  readonly pin?: string;
  /** Whether an ipp: URI may be used: an administrator allowed it for this printer. */
  readonly plainAllowed?: boolean;
  /** Ends whatever is going on. */
  readonly signal: AbortSignal;
  /** requesting-user-name: who the jobs belong to, and who may ask after them and cancel them. */
  readonly userName?: string;
  /** It is Letterlock's own: what it refuses is thrown as what it is, with code and detail, and so are its words. */
  readonly own?: boolean;
  /** How long a printer may be silent in the middle of a request. */
  readonly stallSeconds?: number;
}

export interface PrinterJob {
  /** job-id at the printer. */
  readonly number: number;
  /** job-state keyword: 'pending', 'processing', 'completed', … */
  readonly state: string;
}

export interface PrintAttributes {
  /** Operation attributes: job-name, document-format, … */
  readonly operation: readonly IppAttribute[];
  /** Job template attributes. */
  readonly job?: readonly IppAttribute[];
  /** Document template attributes (PWG 5100.5). */
  readonly document?: readonly IppAttribute[];
}

export interface UploadOptions {
  /** Called each time that the printer has been silent for `stallSeconds`: what it throws ends the upload. */
  readonly onStall?: () => Promise<void>;
}

/**
 * An IPP printer to deliver to. A connection is kept between calls; its certificate was compared before its first byte.
 * Documents are streamed: when one throws, so does its call, and the printer never sees the end of the body.
 */
export interface IppPrinter {
  /** All attributes, or the ones named. */
  getPrinterAttributes(...requested: string[]): Promise<IppAttribute[]>;
  printJob(
    attributes: PrintAttributes,
    document: AsyncIterable<Uint8Array>,
    options?: UploadOptions
  ): Promise<PrinterJob>;
  /** A job without documents yet: each comes by `sendDocument`. */
  createJob(attributes: PrintAttributes): Promise<PrinterJob>;
  /** `last`: no other document follows, the job may be printed. */
  sendDocument(
    job: number,
    attributes: PrintAttributes,
    document: AsyncIterable<Uint8Array>,
    options: UploadOptions & { readonly last: boolean }
  ): Promise<void>;
  getJobAttributes(job: number, ...requested: string[]): Promise<IppAttribute[]>;
  getJobs(which: 'completed' | 'not-completed', ...requested: string[]): Promise<IppAttribute[][]>;
  cancelJob(job: number): Promise<void>;
}

/**
 * Throws LetterlockError: printer-not-secure, printer-not-approved; its methods printer-unreachable,
 * printer-certificate-changed, printer-refused with the IPP status keyword as detail (see isBusy), job-uncertain.
 */
export function openPrinter(options: PrinterOptions): IppPrinter {
  const { signal, userName = 'letterlock', stallSeconds = limits.stalledTransferSeconds } = options;
  const address = parsePrinterUri(options.uri);
  const agent = agentFor(address, options);

  async function call(
    operation: OperationName,
    attributes: PrintAttributes,
    upload?: UploadOptions & { readonly content: AsyncIterable<Uint8Array> }
  ): Promise<IppMessage> {
    const reply = await exchange(agent, {
      ...address,
      message: requestOf(operation, attributes),
      document: upload?.content,
      signal,
      repeatable: operation !== 'Create-Job' && !upload,
      stallSeconds,
      onStall: upload?.onStall ?? givesUp
    });
    if (!isSuccess(reply.code)) throw options.own ? ownRefusal(reply) : printerRefusal(reply);
    return reply;
  }

  function requestOf(operation: OperationName, { operation: named, job, document }: PrintAttributes): IppMessage {
    const target = ({ name }: IppAttribute): boolean => name === 'job-id'; // comes first, RFC 8011 section 4.1.5
    const group = (tag: GroupTag, attributes: readonly IppAttribute[] = []): IppGroup[] =>
      attributes.length > 0 ? [{ tag, attributes: [...attributes] }] : [];
    return {
      version: '2.0',
      code: operations[operation],
      requestId: 1,
      groups: [
        ...group('operation-attributes-tag', [
          charset('attributes-charset', 'utf-8'),
          naturalLanguage('attributes-natural-language', 'en'),
          uri('printer-uri', address.uri),
          ...named.filter(target),
          nameAttribute('requesting-user-name', userName),
          ...named.filter((each) => !target(each))
        ]),
        ...group('job-attributes-tag', job),
        ...group('document-attributes-tag', document)
      ]
    };
  }

  return {
    async getPrinterAttributes(...requested) {
      const reply = await call('Get-Printer-Attributes', { operation: requestedOf(requested) });
      return groupOf(reply, 'printer-attributes-tag');
    },
    async printJob(attributes, content, upload) {
      return jobOf(await call('Print-Job', attributes, { ...upload, content }));
    },
    async createJob(attributes) {
      return jobOf(await call('Create-Job', attributes));
    },
    async sendDocument(job, { operation, document = [] }, content, { last, ...upload }) {
      const named = [integer('job-id', job), ...operation, boolean('last-document', last)];
      await call('Send-Document', { operation: named, document }, { ...upload, content });
    },
    async getJobAttributes(job, ...requested) {
      const operation = [integer('job-id', job), ...requestedOf(requested)];
      return groupOf(await call('Get-Job-Attributes', { operation }), 'job-attributes-tag');
    },
    async getJobs(which, ...requested) {
      const reply = await call('Get-Jobs', { operation: [...requestedOf(requested), keyword('which-jobs', which)] });
      return reply.groups.filter(({ tag }) => tag === 'job-attributes-tag').map(({ attributes }) => attributes);
    },
    async cancelJob(job) {
      await call('Cancel-Job', { operation: [integer('job-id', job)] });
    }
  };
}

function agentFor(address: PrinterAddress, { pin, plainAllowed, signal }: PrinterOptions): Agent {
  if (address.secure) {
    if (!pin) throw new LetterlockError('printer-not-approved', 'its certificate is not pinned');
    return printerAgent(() => connectPinned(address, pin, signal));
  }
  if (plainAllowed !== true) throw new LetterlockError('printer-not-secure');
  return printerAgent(() => connectPlain(address, signal));
}

const givesUp = async (): Promise<never> => {
  throw new Error('the printer went silent');
};

/** What a printer says of it stays out: it may quote the document, and ends in logs. */
const printerRefusal = ({ code }: IppMessage) => new LetterlockError('printer-refused', statusName(code));

function ownRefusal(reply: IppMessage): LetterlockError {
  const operation = groupOf(reply, 'operation-attributes-tag');
  const words = [statusName(reply.code), firstString(operation, 'status-message')].filter(Boolean).join(': ');
  return errorIn(operation) ?? new LetterlockError('printer-refused', words);
}

function jobOf(reply: IppMessage): PrinterJob {
  const job = groupOf(reply, 'job-attributes-tag');
  const number = firstInteger(job, 'job-id');
  if (number === undefined) throw new LetterlockError('job-uncertain', withoutNumber);
  return { number, state: enumKeyword('job-state', firstInteger(job, 'job-state') ?? 0) ?? 'pending' };
}

/** Whether a refusal passes by itself: the caller may wait and try again, for the printer has taken nothing. */
export const isBusy = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-refused' && passing.has(error.detail ?? '');

/** Whether the printer said no, rather than that something went wrong with a job that it may have taken. */
export const isRefusal = (error: unknown): boolean =>
  error instanceof LetterlockError && error.code === 'printer-refused' && !trouble.test(error.detail ?? '');

/** Whether the printer answered, whatever it said: without an answer nobody knows how much of a document it has. */
export const isAnswer = (error: unknown): boolean =>
  error instanceof LetterlockError && (error.code === 'printer-refused' || error.detail === withoutNumber);

const withoutNumber = 'no job-id in its answer';

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
