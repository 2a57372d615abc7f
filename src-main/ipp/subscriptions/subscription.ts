import type { JobId } from '../../../src-preload/contract/ids.ts';
import { limits } from '../../base/limits.ts';
import {
  attribute,
  boolean,
  charset,
  dateTime,
  integer,
  keyword,
  nameAttribute,
  naturalLanguage,
  textAttribute,
  uri
} from '../attributes.ts';
import { isFinal } from '../job-state.ts';
import type { IppAttribute } from '../message.ts';
import type { IntakeJob, PrinterState } from '../port.ts';
import { enumValue } from '../registry.ts';
import type { PrinterEvent } from './changes.ts';
import { type EventName, subscribedEvent } from './events.ts';
import { eventLife } from './supported.ts';
import type { Template } from './template.ts';

/** A Subscription Object (RFC 3995 section 5) with the events that wait for whoever pulls them. */
export interface Subscription {
  id: number;
  /** The job and its job-id; null for a Per-Printer Subscription. */
  job: { id: JobId; number: number } | null;
  owner: string;
  /** Whose jobs its events may be about. */
  sees: 'all' | 'own';
  printerUri: string;
  template: Template;
  /** When the lease runs out; null for a Per-Job Subscription, which has none. Milliseconds since the Unix epoch. */
  expires: number | null;
  /** notify-sequence-number of the latest event; 0 before the first. */
  sequence: number;
  events: KeptEvent[];
  /** Whether nothing will come any more: its job is done. */
  complete: boolean;
}

interface KeptEvent {
  sequence: number;
  subscribed: EventName;
  event: PrinterEvent;
  at: number;
}

/** What it takes to describe things in the printer's terms. */
export interface PrinterTerms {
  /** printer-up-time of a moment (milliseconds since the Unix epoch), in seconds. */
  upTime(at: number): number;
  /** job-id. */
  jobNumber(job: JobId): number;
}

/** Remembers the event, if it is one that the subscription is for. Old events make room (limits.ippEventsKept). */
export function record(subscription: Subscription, event: PrinterEvent, at: number): void {
  const { job, template, events, complete, owner, sees } = subscription;
  if (complete) return;
  if (event.job && job && event.job.id !== job.id) return;
  if (event.job && !job && sees === 'own' && event.job.userName !== owner) return;
  const subscribed = subscribedEvent(template.events, event.name);
  if (subscribed) {
    subscription.sequence += 1;
    events.push({ sequence: subscription.sequence, subscribed, event, at });
    if (events.length > limits.ippEventsKept) events.shift();
  }
  if (job && event.job && isFinal(event.job)) subscription.complete = true;
}

/** One event-notification-attributes group (RFC 3996 section 5.2) for each event from `sequence` on that still lives. */
export function notifications(
  subscription: Subscription,
  { sequence, now }: { sequence: number; now: number },
  terms: PrinterTerms
): IppAttribute[][] {
  // kept twice as long as promised: who asks once in a lifetime misses nothing
  subscription.events = subscription.events.filter(({ at }) => now - at < 2 * eventLife * 1000);
  return subscription.events
    .filter((kept) => kept.sequence >= sequence)
    .map((kept) => notification(subscription, kept, terms));
}

function notification({ id, printerUri, template }: Subscription, kept: KeptEvent, terms: PrinterTerms) {
  const { event, subscribed, sequence, at } = kept;
  return [
    integer('notify-subscription-id', id),
    uri('notify-printer-uri', printerUri),
    keyword('notify-subscribed-event', subscribed),
    integer('printer-up-time', terms.upTime(at)),
    dateTime('printer-current-time', at),
    integer('notify-sequence-number', sequence),
    charset('notify-charset', template.charset),
    naturalLanguage('notify-natural-language', template.language),
    attribute('notify-user-data', { tag: 'octetString', value: template.userData }),
    ...(event.job ? ofJob(event.job, event.name, terms) : ofPrinter(event.printer))
  ];
}

function ofJob(job: IntakeJob, event: EventName, { jobNumber }: PrinterTerms): IppAttribute[] {
  const impressions = job.state === 'completed' ? (job.pages ?? 0) : 0;
  return [
    textAttribute('notify-text', `Job ${jobNumber(job.id)} is ${job.state}.`),
    integer('job-id', jobNumber(job.id)),
    attribute('job-state', { tag: 'enum', value: enumValue('job-state', job.state) }),
    keyword('job-state-reasons', ...orNone(job.reasons)),
    ...(event === 'job-completed' ? [integer('job-impressions-completed', impressions)] : [])
  ];
}

const ofPrinter = ({ state, reasons, accepting, message }: PrinterState & { accepting: boolean }): IppAttribute[] => [
  textAttribute('notify-text', message || `The printer is ${state}.`),
  attribute('printer-state', { tag: 'enum', value: enumValue('printer-state', state) }),
  keyword('printer-state-reasons', ...orNone(reasons)),
  boolean('printer-is-accepting-jobs', accepting)
];

const orNone = (reasons: readonly string[]): readonly string[] => (reasons.length > 0 ? reasons : ['none']);

/** The Subscription Object as Get-Subscription-Attributes shows it, in the groups that requested-attributes can name. */
export function describe(subscription: Subscription, now: number, { upTime }: PrinterTerms) {
  const { id, job, owner, printerUri, template, expires, sequence } = subscription;
  const lease = expires === null ? [] : [integer('notify-lease-duration', template.lease)];
  const end = expires === null ? [] : [integer('notify-lease-expiration-time', upTime(expires))];
  return {
    'subscription-template': [
      keyword('notify-pull-method', 'ippget'),
      keyword('notify-events', ...template.events),
      charset('notify-charset', template.charset),
      naturalLanguage('notify-natural-language', template.language),
      attribute('notify-user-data', { tag: 'octetString', value: template.userData }),
      integer('notify-time-interval', template.interval),
      ...lease
    ],
    'subscription-description': [
      integer('notify-subscription-id', id),
      integer('notify-sequence-number', sequence),
      ...end,
      integer('notify-printer-up-time', upTime(now)),
      uri('notify-printer-uri', printerUri),
      ...(job ? [integer('notify-job-id', job.number)] : []),
      nameAttribute('notify-subscriber-user-name', owner)
    ]
  };
}
