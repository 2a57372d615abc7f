import { integer, keyword, range } from '../attributes.ts';
import type { IppAttribute } from '../message.ts';
import { type EventName, eventNames } from './events.ts';

/** What the printer says of subscriptions (RFC 3995 section 5.3 table 1, RFC 3996 section 8.1). Pulled only, never pushed. */

/** Seconds during which an event can be fetched, at least; and after which a client should ask again. */
export const eventLife = 60;
/** Seconds. There is no endless lease (0): nobody would end it. */
export const leaseDuration = { shortest: 60, default: 24 * 60 * 60, longest: 7 * 24 * 60 * 60 } as const;
export const maxEvents = eventNames.length;
export const defaultEvents: readonly EventName[] = ['job-completed'];

/** The group 'subscription-template' of Get-Printer-Attributes. */
export const subscriptionTemplateAttributes: readonly IppAttribute[] = [
  keyword('notify-events-default', ...defaultEvents),
  keyword('notify-events-supported', 'none', ...eventNames),
  integer('notify-lease-duration-default', leaseDuration.default),
  range('notify-lease-duration-supported', leaseDuration.shortest, leaseDuration.longest),
  integer('notify-max-events-supported', maxEvents),
  keyword('notify-pull-method-supported', 'ippget')
];

/** For the group 'printer-description'. */
export const subscriptionDescriptionAttributes: readonly IppAttribute[] = [integer('ippget-event-life', eventLife)];
