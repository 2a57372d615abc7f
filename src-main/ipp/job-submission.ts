import { firstBoolean } from './attributes.ts';
import { type Handlers, type IppAnswer, ok, type Printer, userOf } from './call.ts';
import { openDocument, readDocumentTicket } from './document-ticket.ts';
import type { JobLookup } from './job-lookup.ts';
import type { IppAttribute, IppGroup } from './message.ts';
import type { PrinterDescription } from './printer-description.ts';
import { badRequest } from './refusal.ts';
import type { Created } from './subscriptions/creation.ts';
import type { Subscriptions } from './subscriptions/subscriptions.ts';
import { readTicket } from './ticket.ts';

type Name = 'Validate-Job' | 'Print-Job' | 'Create-Job' | 'Send-Document' | 'Close-Job';

/** How jobs and their documents come in: RFC 8011 sections 4.2.1 to 4.2.4 and 4.3.1, Close-Job of PWG 5100.11. */
export function submissionOperations(
  { intake, reception }: Printer,
  jobs: JobLookup,
  description: PrinterDescription,
  subscriptions: Pick<Subscriptions, 'forJob'>
): Handlers<Name> {
  function checkAccepting(): void {
    const refusal = intake.refusal();
    if (refusal) throw refusal;
  }

  return {
    'Validate-Job'(call) {
      checkAccepting();
      const { formats, supported } = description.current();
      const { unsupported } = readTicket(call.request, userOf(call), supported);
      readDocumentTicket(call.request, formats);
      return accepted(unsupported, [], subscriptions.forJob(call)(null));
    },

    async 'Print-Job'(call) {
      checkAccepting();
      const { formats, supported } = description.current();
      const { incoming, unsupported } = readTicket(call.request, userOf(call), supported);
      const document = await openDocument(readDocumentTicket(call.request, formats), call.document, formats);
      if (!document) throw badRequest('the document is missing');
      const subscribe = subscriptions.forJob(call);
      const job = reception.create(incoming);
      const subscribed = subscribe(job);
      await reception.receive(job, document, true);
      return accepted(unsupported, [jobs.created(job, call)], subscribed);
    },

    'Create-Job'(call) {
      checkAccepting();
      const { incoming, unsupported } = readTicket(call.request, userOf(call), description.current().supported);
      const subscribe = subscriptions.forJob(call);
      const job = reception.create(incoming);
      const subscribed = subscribe(job);
      return accepted(unsupported, [jobs.created(job, call)], subscribed);
    },

    async 'Send-Document'(call) {
      const { id } = jobs.target(call);
      const last = firstBoolean(call.request.operation, 'last-document');
      if (last === undefined) throw badRequest('last-document is missing');
      const { formats } = description.current();
      const document = await openDocument(readDocumentTicket(call.request, formats), call.document, formats);
      if (document) await reception.receive(id, document, last);
      else if (last) await reception.finish(id);
      else throw badRequest('the document is missing');
      return ok([jobs.created(id, call)]);
    },

    async 'Close-Job'(call) {
      await reception.finish(jobs.target(call).id);
      return ok();
    }
  };
}

/** Success, with what of the request is not supported here (RFC 8011 section 4.1.7, RFC 3995 section 5.2). */
function accepted(unsupported: IppAttribute[], groups: IppGroup[], subscribed: Created): IppAnswer {
  const ignored = subscribed.ignored ? 'successful-ok-ignored-subscriptions' : 'successful-ok';
  return {
    status: unsupported.length > 0 ? 'successful-ok-ignored-or-substituted-attributes' : ignored,
    groups: [
      ...(unsupported.length > 0 ? [{ tag: 'unsupported-attributes-tag', attributes: unsupported } as const] : []),
      ...groups,
      ...subscribed.groups
    ]
  };
}
