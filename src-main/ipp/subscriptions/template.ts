import { find, firstInteger, firstString, keyword, outOfBand, stringsOf } from '../attributes.ts';
import type { IppAttribute } from '../message.ts';
import { badRequest } from '../refusal.ts';
import type { StatusName } from '../registry.ts';
import { type EventName, isEventName } from './events.ts';
import { defaultEvents, leaseDuration, maxEvents } from './supported.ts';

/** What a client wants of a subscription (RFC 3995 section 5.3). */
export interface Template {
  events: readonly EventName[];
  charset: string;
  language: string;
  /** notify-user-data, empty if there is none. */
  userData: Uint8Array;
  /** Seconds, within what is supported. */
  lease: number;
  /** notify-time-interval, seconds. It only concerns events that this printer doesn't have. */
  interval: number;
}

export interface ReadTemplate {
  template: Template;
  /** Attributes and values to give back as not supported. */
  unsupported: IppAttribute[];
  /** notify-status-code; null when everything is as it was asked for. */
  status: StatusName | null;
  /** Whether the status still lets a subscription come to be. */
  creatable: boolean;
}

/** Reads one subscription-attributes group by RFC 3995 section 5.2. Throws IppRefusal where the whole request has to fail. */
export function readTemplate(group: readonly IppAttribute[], perJob: boolean): ReadTemplate {
  const [pull, push] = [find(group, 'notify-pull-method'), find(group, 'notify-recipient-uri')];
  if (!pull && !push) throw badRequest('notify-pull-method is missing');
  if (pull && push) throw badRequest('events are either pulled or pushed');

  const unsupported: IppAttribute[] = [];
  const reject = (attribute: IppAttribute): void => void unsupported.push(attribute);
  const events = readEvents(group, reject);
  const template: Template = {
    events: events.known,
    charset: readText(group, 'notify-charset', /^(utf-8|us-ascii)$/i, reject) ?? 'utf-8',
    language: readText(group, 'notify-natural-language', /^[a-z0-9-]{1,63}$/i, reject) ?? 'en',
    userData: readUserData(group, reject),
    lease: readLease(group),
    interval: Math.max(0, firstInteger(group, 'notify-time-interval') ?? 0)
  };
  for (const { name } of group)
    if (!supported.has(name) || (perJob && name === 'notify-lease-duration')) reject(outOfBand(name, 'unsupported'));

  if (push) return { template, unsupported: [push, ...unsupported], status: noPush, creatable: false };
  if (firstString(group, 'notify-pull-method') !== 'ippget' || events.known.length === 0) {
    const offending = firstString(group, 'notify-pull-method') === 'ippget' ? [] : [pull].flatMap((each) => each ?? []);
    return { template, unsupported: [...offending, ...unsupported], status: notSupported, creatable: false };
  }
  const status = events.tooMany ? 'successful-ok-too-many-events' : unsupported.length > 0 ? substituted : null;
  return { template, unsupported, status, creatable: true };
}

/** The lease that comes nearest to the one asked for; 0 asks for an endless one. */
export function readLease(group: readonly IppAttribute[]): number {
  const asked = firstInteger(group, 'notify-lease-duration') ?? leaseDuration.default;
  if (asked === 0) return leaseDuration.longest;
  return Math.min(leaseDuration.longest, Math.max(leaseDuration.shortest, asked));
}

const noPush = 'client-error-uri-scheme-not-supported';
const notSupported = 'client-error-attributes-or-values-not-supported';
const substituted = 'successful-ok-ignored-or-substituted-attributes';
const supported: ReadonlySet<string> = new Set([
  'notify-pull-method',
  'notify-recipient-uri',
  'notify-events',
  'notify-charset',
  'notify-natural-language',
  'notify-user-data',
  'notify-lease-duration',
  'notify-time-interval'
]);

type Reject = (attribute: IppAttribute) => void;

function readEvents(group: readonly IppAttribute[], reject: Reject): { known: readonly EventName[]; tooMany: boolean } {
  if (!find(group, 'notify-events')) return { known: defaultEvents, tooMany: false };
  const asked = stringsOf(group, 'notify-events');
  const taken = asked.slice(0, maxEvents);
  const known = [...new Set(taken.filter(isEventName))];
  const refused = [...taken.filter((name) => !isEventName(name)), ...asked.slice(maxEvents)];
  if (refused.length > 0) reject(keyword('notify-events', ...refused));
  return { known, tooMany: asked.length > maxEvents };
}

function readText(group: readonly IppAttribute[], name: string, form: RegExp, reject: Reject): string | undefined {
  const attribute = find(group, name);
  const value = firstString(group, name);
  if (!attribute || (value !== undefined && form.test(value))) return value;
  reject(attribute);
  return undefined;
}

function readUserData(group: readonly IppAttribute[], reject: Reject): Uint8Array {
  const attribute = find(group, 'notify-user-data');
  const value = attribute?.values[0];
  if (value?.tag === 'octetString' && value.value.length <= longestUserData) return value.value;
  if (attribute) reject(attribute);
  return new Uint8Array();
}

/** octetString(63). */
const longestUserData = 63;
