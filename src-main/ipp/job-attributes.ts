import { attribute, dateTime, integer, keyword, nameAttribute, outOfBand, textAttribute, uri } from './attributes.ts';
import type { IppAttribute } from './message.ts';
import type { IntakeJob } from './port.ts';
import { upTime } from './printer-attributes.ts';
import { enumValue } from './registry.ts';

export interface JobContext {
  /** job-id of this job. */
  number: number;
  printerUri: string;
  now: number;
  started: number;
}

/** What a job-creation response carries (RFC 8011 section 4.2.1.2). */
export const newJobAttributes = (job: IntakeJob, { number, printerUri }: JobContext): IppAttribute[] => [
  integer('job-id', number),
  uri('job-uri', `${printerUri}/${number}`),
  uri('job-uuid', `urn:uuid:${job.id}`),
  attribute('job-state', { tag: 'enum', value: enumValue('job-state', job.state) }),
  keyword('job-state-reasons', ...(job.reasons.length > 0 ? job.reasons : ['none'])),
  textAttribute('job-state-message', job.message ?? '')
];

/** The groups that requested-attributes can name (RFC 8011 section 4.3.4.1). What else the ticket asks for is sealed. */
export function jobAttributes(job: IntakeJob, context: JobContext): Record<string, readonly IppAttribute[]> {
  const { now, started } = context;
  const begun = job.state === 'pending' ? undefined : job.created;
  return {
    'job-template': [keyword('job-hold-until', job.state === 'pending-held' ? 'indefinite' : 'no-hold')],
    'job-description': [
      ...newJobAttributes(job, context),
      uri('job-printer-uri', context.printerUri),
      uri('job-more-info', context.printerUri.replace(/^ipp(s?):\/\/(.*)\/ipp\/print$/, 'http$1://$2/')),
      nameAttribute('job-name', job.name),
      nameAttribute('job-originating-user-name', job.userName),
      integer('job-k-octets', Math.min(0x7fffffff, Math.ceil(job.bytes / 1024))),
      ...(job.pages === undefined ? [] : [integer('job-pages', job.pages)]), // PWG 5100.7
      integer('number-of-documents', job.documents),
      integer('job-printer-up-time', upTime(now, started)),
      ...times('creation', job.created, started),
      ...times('processing', begun, started),
      ...times('completed', job.completed, started)
    ]
  };
}

/** time-at-… in seconds of printer-up-time, and the same as a date. */
function times(what: string, at: number | undefined, started: number): IppAttribute[] {
  return at === undefined
    ? [outOfBand(`time-at-${what}`, 'no-value'), outOfBand(`date-time-at-${what}`, 'no-value')]
    : [integer(`time-at-${what}`, upTime(at, started)), dateTime(`date-time-at-${what}`, at)];
}
