import enumTables from 'ipp/lib/enums.js';
import statusTable from 'ipp/lib/status-codes.js';
import tagTable from 'ipp/lib/tags.js';
import type { GroupTag, IppValue } from './message.ts';

/**
 * Names and numbers of IPP (IANA registry), from the tables of the `ipp` package. Its parser and serializer are never
 * loaded: an 18-byte request kills them.
 */
export const operations = {
  'Print-Job': operation('Print-Job'),
  'Validate-Job': operation('Validate-Job'),
  'Create-Job': operation('Create-Job'),
  'Send-Document': operation('Send-Document'),
  'Cancel-Job': operation('Cancel-Job'),
  'Get-Job-Attributes': operation('Get-Job-Attributes'),
  'Get-Jobs': operation('Get-Jobs'),
  'Get-Printer-Attributes': operation('Get-Printer-Attributes'),
  'Hold-Job': operation('Hold-Job'),
  'Release-Job': operation('Release-Job'),
  'Set-Job-Attributes': operation('Set-Job-Attributes'),
  'Create-Printer-Subscriptions': operation('Create-Printer-Subscriptions'),
  'Create-Job-Subscriptions': operation('Create-Job-Subscription'), // the table's name, not the registry's
  'Get-Subscription-Attributes': operation('Get-Subscription-Attributes'),
  'Get-Subscriptions': operation('Get-Subscriptions'),
  'Renew-Subscription': operation('Renew-Subscription'),
  'Cancel-Subscription': operation('Cancel-Subscription'),
  'Get-Notifications': operation('Get-Notifications'),
  'Cancel-Jobs': operation('Cancel-Jobs'),
  'Cancel-My-Jobs': operation('Cancel-My-Jobs'),
  'Close-Job': operation('Close-Job'),
  'Identify-Printer': operation('Identify-Printer')
} as const;
export type OperationName = keyof typeof operations;

/** The status codes that Letterlock answers with. */
export type StatusName =
  | 'successful-ok'
  | 'successful-ok-ignored-or-substituted-attributes'
  | 'successful-ok-ignored-subscriptions'
  | 'successful-ok-too-many-events'
  | 'successful-ok-events-complete'
  | 'client-error-bad-request'
  | 'client-error-not-authorized'
  | 'client-error-not-possible'
  | 'client-error-timeout'
  | 'client-error-not-found'
  | 'client-error-request-entity-too-large'
  | 'client-error-request-value-too-long'
  | 'client-error-document-format-not-supported'
  | 'client-error-attributes-or-values-not-supported'
  | 'client-error-charset-not-supported'
  | 'client-error-compression-not-supported'
  | 'client-error-compression-error'
  | 'client-error-uri-scheme-not-supported'
  | 'client-error-ignored-all-subscriptions'
  | 'client-error-too-many-subscriptions'
  | 'client-error-document-format-error'
  | 'client-error-attributes-not-settable'
  | 'server-error-internal-error'
  | 'server-error-operation-not-supported'
  | 'server-error-version-not-supported'
  | 'server-error-temporary-error'
  | 'server-error-not-accepting-jobs'
  | 'server-error-busy'
  | 'server-error-job-canceled'
  | 'server-error-too-many-documents';

export const statusCode = (name: StatusName): number => number(statusTable, name);
/** The keyword of a status code; codes that the registry lacks as `0x05ff`. */
export const statusName = (code: number): string =>
  statusTable.lookup[code] ?? `0x${code.toString(16).padStart(4, '0')}`;
/** RFC 8011 appendix B.1.2: all codes below 0x0100 are successes. */
export const isSuccess = (code: number): boolean => code < 0x0100;

/** Number of a delimiter or value tag. */
export const tagNumber = (tag: GroupTag | IppValue['tag'] | WireTag): number =>
  typeof tag === 'number' ? tag : number(tagTable, tag);
/** Name of a tag, undefined where the registry has none. */
export const tagName = (tag: number): string | undefined => tagTable.lookup[tag];
/** Tags that stand on the wire only. */
type WireTag = 'end-of-attributes-tag' | 'endCollection' | 'memberAttrName';

/** Number of an enum keyword: `enumValue('job-state', 'completed')` is 9. */
export const enumValue = (attribute: string, keyword: string): number => number(enumTables[attribute], keyword);
export const enumKeyword = (attribute: string, value: number): string | undefined =>
  enumTables[attribute]?.lookup[value];

function operation(name: string): number {
  return number(enumTables['operations-supported'], name);
}

function number(table: Record<string, number> | undefined, name: string): number {
  const value = table && Object.hasOwn(table, name) ? table[name] : undefined;
  if (value === undefined) throw new RangeError(`${name} is not in the IPP registry`);
  return value;
}
