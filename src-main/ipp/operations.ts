import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { find, firstBoolean, firstInteger, firstString, integersOf } from './attributes.ts';
import { decompressed } from './document-stream.ts';
import { jobAttributes, newJobAttributes } from './job-attributes.ts';
import { createJobNumbers } from './job-numbers.ts';
import type { IppAttribute, IppGroup } from './message.ts';
import type { IntakeJob, PrintIntake } from './port.ts';
import { printerAttributes, whichJobs } from './printer-attributes.ts';
import type { Reception } from './reception.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import { type OperationName, operations, type StatusName } from './registry.ts';
import type { IppRequest } from './request.ts';
import { chooseAttributes } from './requested-attributes.ts';
import { checkFormat, readTicket, type Ticket } from './ticket.ts';

/** One request, with what its connection adds to it. */
export interface PrinterCall {
  request: IppRequest;
  /** What follows the attributes. */
  document: AsyncIterable<Uint8Array>;
  /** The printer in every scheme it is served in, the one of this connection first. */
  uris: readonly [string, ...string[]];
}

export interface IppAnswer {
  status: StatusName;
  groups: IppGroup[];
}

export interface Printer {
  name: string;
  uuid: string;
  intake: PrintIntake;
  reception: Reception;
  clock: Clock;
}

/** The operations of RFC 8011 and PWG 5100.11 that the virtual printer knows. Each throws IppRefusal or LetterlockError. */
export function createOperations({ name, uuid, intake, reception, clock }: Printer) {
  const started = clock.now();
  const numbers = createJobNumbers(intake);
  let lastState = '';
  let stateChanged = started;

  const handlers: Record<OperationName, (call: PrinterCall) => IppAnswer | Promise<IppAnswer>> = {
    'Get-Printer-Attributes'({ request, uris }) {
      checkFormat(request.operation);
      const state = intake.printerState();
      const described = JSON.stringify([state.state, state.reasons]);
      if (lastState !== described) stateChanged = lastState === '' ? started : clock.now();
      lastState = described;
      const accepting = intake.refusal() === null;
      const queued = intake.jobs().filter((job) => !isFinal(job)).length;
      const now = clock.now();
      const groups = printerAttributes({ name, uuid, uris, state, accepting, queued, now, started, stateChanged });
      const onDemand = ['media-col-database'];
      const attributes = chooseAttributes(request.operation, groups, { byDefault: ['all'], onDemand });
      return { status: 'successful-ok', groups: [{ tag: 'printer-attributes-tag', attributes }] };
    },

    'Validate-Job'({ request }) {
      checkAccepting();
      return accepted(readTicket(request));
    },

    async 'Print-Job'(call) {
      checkAccepting();
      const ticket = readTicket(call.request);
      const document = await nonEmpty(decompressed(call.document, ticket.compression));
      if (!document) throw badRequest('the document is missing');
      const job = reception.create(ticket.incoming);
      await reception.receive(job, document, ticket.document);
      return accepted(ticket, newJob(job, call));
    },

    'Create-Job'(call) {
      checkAccepting();
      const ticket = readTicket(call.request);
      return accepted(ticket, newJob(reception.create(ticket.incoming), call));
    },

    async 'Send-Document'(call) {
      const job = targetJob(call);
      if (firstBoolean(call.request.operation, 'last-document') === undefined) {
        throw badRequest('last-document is missing');
      }
      const ticket = readTicket(call.request);
      const document = await nonEmpty(decompressed(call.document, ticket.compression));
      if (document) await reception.receive(job.id, document, ticket.document);
      else if (reception.isWaiting(job.id)) throw badRequest('the document is missing');
      return accepted(ticket, newJob(job.id, call));
    },

    async 'Close-Job'(call) {
      const job = targetJob(call);
      if (reception.isWaiting(job.id)) await reception.cancel(job.id);
      return ok();
    },

    async 'Cancel-Job'(call) {
      const job = targetJob(call);
      if (isFinal(job)) throw new IppRefusal('client-error-not-possible', `the job is already ${job.state}`);
      await reception.cancel(job.id);
      return ok();
    },

    async 'Cancel-My-Jobs'({ request }) {
      const chosen = new Set(integersOf(request.operation, 'job-ids'));
      const mine = intake.jobs().filter((job) => job.userName === request.userName && !isFinal(job));
      const targets = chosen.size > 0 ? mine.filter((job) => chosen.has(numbers.of(job.id))) : mine;
      if (targets.length < chosen.size) throw new IppRefusal('client-error-not-possible', 'not all of these are yours');
      for (const job of targets) await reception.cancel(job.id);
      return ok();
    },

    'Get-Job-Attributes'(call) {
      return ok([jobGroup(targetJob(call), call, ['all'])]);
    },

    'Get-Jobs'(call) {
      const { operation, userName } = call.request;
      const limit = firstInteger(operation, 'limit') ?? Number.POSITIVE_INFINITY;
      if (limit < 1) throw badRequest('limit is at least 1');
      const ids = new Set(integersOf(operation, 'job-ids'));
      const mine = firstBoolean(operation, 'my-jobs') === true;
      const jobs = whichOf(operation, ids.size > 0 ? 'all' : 'not-completed', intake.jobs()).filter(
        (job) => (!mine || job.userName === userName) && (ids.size === 0 || ids.has(numbers.of(job.id)))
      );
      return ok(jobs.slice(0, limit).map((job) => jobGroup(job, call, ['job-id', 'job-uri'])));
    },

    'Identify-Printer': () => ok() // its only action is 'display', and what it would show is on the screen already
  };

  function checkAccepting(): void {
    const refusal = intake.refusal();
    if (refusal) throw refusal;
  }

  function targetJob({ request: { jobNumber } }: PrinterCall): IntakeJob {
    if (jobNumber === undefined) throw badRequest('the operation names no job');
    const id = numbers.find(jobNumber);
    const job = id && intake.job(id);
    if (!job) throw new IppRefusal('client-error-not-found', 'there is no such job');
    return job;
  }

  function jobContext(id: IntakeJob['id'], { uris }: PrinterCall) {
    return { number: numbers.of(id), printerUri: uris[0], now: clock.now(), started };
  }

  function newJob(id: IntakeJob['id'], call: PrinterCall): IppGroup {
    const job = intake.job(id);
    if (!job) throw new LetterlockError('internal', 'the job is gone');
    return { tag: 'job-attributes-tag', attributes: newJobAttributes(job, jobContext(id, call)) };
  }

  function jobGroup(job: IntakeJob, call: PrinterCall, byDefault: readonly string[]): IppGroup {
    const groups = { 'job-description': jobAttributes(job, jobContext(job.id, call)), 'job-template': [] };
    return { tag: 'job-attributes-tag', attributes: chooseAttributes(call.request.operation, groups, { byDefault }) };
  }

  /** Throws IppRefusal for an operation-id that is not listed in operations-supported. */
  return (call: PrinterCall): IppAnswer | Promise<IppAnswer> => {
    const name = operationNames.get(call.request.message.code);
    if (!name) throw new IppRefusal('server-error-operation-not-supported', 'see operations-supported');
    return handlers[name](call);
  };
}

const operationNames = new Map(
  Object.entries(operations).map(([name, code]) => [code as number, name as OperationName])
);

const isFinal = ({ state }: IntakeJob): boolean => state !== 'pending' && state !== 'processing';

const ok = (groups: IppGroup[] = []): IppAnswer => ({ status: 'successful-ok', groups });

/** Success, with what of the ticket is not supported here. */
function accepted({ unsupported }: Ticket, ...groups: IppGroup[]): IppAnswer {
  if (unsupported.length === 0) return ok(groups);
  return {
    status: 'successful-ok-ignored-or-substituted-attributes',
    groups: [{ tag: 'unsupported-attributes-tag', attributes: unsupported }, ...groups]
  };
}

/** RFC 8011 section 4.2.6.1 and PWG 5100.11: jobs in the order of which-jobs; those to come first where they wait. */
function whichOf(operation: readonly IppAttribute[], byDefault: string, jobs: readonly IntakeJob[]): IntakeJob[] {
  const which = firstString(operation, 'which-jobs') ?? byDefault;
  if (!whichJobs.includes(which)) {
    const unsupported = [find(operation, 'which-jobs')].flatMap((each) => each ?? []);
    const status = 'client-error-attributes-or-values-not-supported';
    throw new IppRefusal(status, 'see which-jobs-supported', unsupported);
  }
  if (which === 'all') return [...jobs];
  if (which === 'not-completed') return jobs.filter((job) => !isFinal(job)).reverse();
  if (which === 'completed') return jobs.filter(isFinal);
  return jobs.filter((job) => job.state === which);
}

/** The same chunks, or null if there are none. */
async function nonEmpty(chunks: AsyncGenerator<Uint8Array>): Promise<AsyncGenerator<Uint8Array> | null> {
  let first = await chunks.next();
  while (!first.done && first.value.length === 0) first = await chunks.next();
  if (first.done) return null;
  const { value } = first;
  return (async function* () {
    yield value;
    yield* chunks;
  })();
}
