import {
  attribute,
  boolean,
  charset,
  dateTime,
  integer,
  keyword,
  nameAttribute,
  naturalLanguage,
  octetStrings,
  outOfBand,
  range,
  textAttribute,
  uri
} from './attributes.ts';
import { compressions } from './document-ticket.ts';
import type { IppAttribute } from './message.ts';
import type { Offer } from './offer.ts';
import { iconPaths } from './pages.ts';
import type { PrinterState } from './port.ts';
import { multipleOperationTimeOut } from './reception.ts';
import { enumValue, operations } from './registry.ts';
import { subscriptionDescriptionAttributes, subscriptionTemplateAttributes } from './subscriptions/supported.ts';

/**
 * What the virtual printer says about itself: the attributes of IPP Everywhere (PWG 5100.14) and what CUPS, macOS and
 * Windows look for. What it can print is the offer's (offer.ts).
 */
export const whichJobs = [
  'completed',
  'not-completed',
  'all',
  'aborted',
  'canceled',
  'pending',
  'pending-held',
  'processing',
  'processing-stopped'
];
/** What Set-Job-Attributes changes (RFC 3380). The rest of a ticket is sealed with its documents. */
export const jobSettableAttributes = ['job-hold-until'];

/** What jobs can ask for wherever they are printed. */
const ownTemplate: readonly IppAttribute[] = [
  keyword('job-hold-until-default', 'no-hold'), // every job waits for its owner; a held one is also shown as held
  keyword('job-hold-until-supported', 'no-hold', 'indefinite'),
  integer('job-priority-default', 50),
  integer('job-priority-supported', 100),
  keyword('job-sheets-default', 'none'),
  keyword('job-sheets-supported', 'none')
];

const ownDescription: readonly IppAttribute[] = [
  charset('charset-configured', 'utf-8'),
  charset('charset-supported', 'us-ascii', 'utf-8'),
  keyword('compression-default', 'none'),
  keyword('compression-supported', ...compressions),
  naturalLanguage('generated-natural-language-supported', 'en'),
  keyword('identify-actions-default', 'display'),
  keyword('identify-actions-supported', 'display'),
  keyword('ipp-versions-supported', '1.1', '2.0'),
  boolean('job-ids-supported', true),
  range('job-k-octets-supported', 0, 0x7fffffff),
  keyword('job-release-action-default', 'owner-authorized'), // PWG 5100.11: the owner signs in where the job is to come out
  keyword('job-release-action-supported', 'owner-authorized'),
  keyword('job-settable-attributes-supported', ...jobSettableAttributes),
  keyword('job-spooling-supported', 'spool'),
  textAttribute('mopria-certified', '1.3'), // Windows looks for it before it uses its class driver; CUPS says so too
  boolean('multiple-document-jobs-supported', true),
  integer('multiple-operation-time-out', multipleOperationTimeOut),
  keyword('multiple-operation-time-out-action', 'abort-job'),
  naturalLanguage('natural-language-configured', 'en'),
  attribute('operations-supported', ...Object.values(operations).map((value) => ({ tag: 'enum', value }) as const)),
  keyword('pdl-override-supported', 'attempted'),
  boolean('preferred-attributes-supported', false),
  outOfBand('printer-geo-location', 'unknown'),
  keyword('printer-get-attributes-supported', 'document-format'),
  textAttribute('printer-location', ''),
  textAttribute('printer-make-and-model', 'Letterlock Virtual Printer'),
  textAttribute('printer-organization', ''),
  textAttribute('printer-organizational-unit', ''),
  keyword('printer-kind', 'document'), // PWG 5100.13
  keyword('printer-settable-attributes-supported', 'none'),
  octetStrings(
    'printer-supply', // the levels are unknown (-2) until a printer is chosen
    'index=1;class=supplyThatIsConsumed;type=other;unit=other;maxcapacity=-2;level=-2;colorantname=unknown;'
  ),
  textAttribute('printer-supply-description', 'Supplies of the printer that releases the job'),
  keyword('which-jobs-supported', ...whichJobs)
];

/** Operation attributes and such of job creation that are understood, besides the templates (PWG 5100.11). */
const creationAttributes = [
  'document-format',
  'document-name',
  'ipp-attribute-fidelity',
  'job-mandatory-attributes',
  'job-name'
];

/** Everything that changes with the offer only, in the groups that requested-attributes can name. */
export function fixedAttributes(offer: Offer): Record<string, readonly IppAttribute[]> {
  const template = [...ownTemplate, ...offer.template];
  const choices = template.flatMap(({ name }) => /^(.*)-default$/.exec(name)?.[1] ?? []);
  const commands = offer.formats.supported;
  return {
    'job-template': template,
    'subscription-template': subscriptionTemplateAttributes,
    'printer-description': [
      ...ownDescription,
      ...subscriptionDescriptionAttributes,
      ...offer.description,
      keyword('job-creation-attributes-supported', ...creationAttributes, ...choices, ...withoutDefault(template)),
      textAttribute('printer-device-id', `MFG:Letterlock;MDL:Virtual Printer;CMD:${deviceCommands(commands)};`)
    ],
    'media-col-database': [offer.mediaColDatabase]
  };
}

/** Job template attributes that are offered and have no default. */
const withoutDefault = (template: readonly IppAttribute[]): string[] =>
  ['overrides', 'page-ranges'].filter((name) => template.some((each) => each.name === `${name}-supported`));

/** IEEE 1284 command sets, as print systems read them from printer-device-id. */
const deviceCommands = (formats: ReadonlySet<string>): string =>
  [
    ['application/pdf', 'PDF'],
    ['application/postscript', 'PS'],
    ['image/jpeg', 'JPEG'],
    ['image/png', 'PNG'],
    ['image/pwg-raster', 'PWGRaster'],
    ['image/urf', 'URF']
  ]
    .flatMap(([format = '', name]) => (formats.has(format) ? name : []))
    .join(',');

export interface PrinterNow {
  name: string;
  uuid: string;
  /** `ipp://localhost:631/ipp/print`, in every scheme that is served, the one that was asked first. */
  uris: readonly string[];
  /** How users show who they are (RFC 8011 section 5.4.2). */
  authentication: string;
  state: PrinterState;
  accepting: boolean;
  queued: number;
  /** Milliseconds since the Unix epoch. */
  now: number;
  started: number;
  stateChanged: number;
  configChanged: number;
}

/** Seconds since the printer started, from 1 as RFC 8011 section 5.4.29 demands. */
export const upTime = (at: number, started: number): number => Math.max(0, Math.floor((at - started) / 1000)) + 1;

/** What changes from request to request: printer-description too. */
export function liveAttributes(printer: PrinterNow): IppAttribute[] {
  const { uris, state, now, started, stateChanged, configChanged } = printer;
  const page = (uris[0] ?? '').replace(/^ipp(s?):\/\/(.*)\/ipp\/print$/, 'http$1://$2');
  return [
    dateTime('printer-config-change-date-time', configChanged),
    integer('printer-config-change-time', upTime(configChanged, started)),
    dateTime('printer-current-time', now),
    nameAttribute('printer-dns-sd-name', printer.name),
    uri('printer-icons', ...iconPaths.map((path) => page + path)),
    textAttribute('printer-info', printer.name.slice(0, 127)),
    boolean('printer-is-accepting-jobs', printer.accepting),
    uri('printer-more-info', `${page}/`),
    nameAttribute('printer-name', printer.name.slice(0, 127)),
    attribute('printer-state', { tag: 'enum', value: enumValue('printer-state', state.state) }),
    dateTime('printer-state-change-date-time', stateChanged),
    integer('printer-state-change-time', upTime(stateChanged, started)),
    textAttribute('printer-state-message', state.message ?? ''),
    keyword('printer-state-reasons', ...(state.reasons.length > 0 ? state.reasons : ['none'])),
    uri('printer-supply-info-uri', `${page}/`),
    integer('printer-up-time', upTime(now, started)),
    uri('printer-uri-supported', ...uris),
    uri('printer-uuid', `urn:uuid:${printer.uuid}`),
    integer('queued-job-count', printer.queued),
    keyword('uri-authentication-supported', ...uris.map(() => printer.authentication)),
    keyword('uri-security-supported', ...uris.map((each) => (each.startsWith('ipps:') ? 'tls' : 'none')))
  ];
}
