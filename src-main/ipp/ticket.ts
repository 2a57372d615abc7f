import { find, firstBoolean, firstString } from './attributes.ts';
import type { IppAttribute, IppValue } from './message.ts';
import type { DocumentTicket, IncomingJob } from './port.ts';
import { compressions, documentFormats, jobTemplateAttributes } from './printer-attributes.ts';
import { badRequest, IppRefusal } from './refusal.ts';
import type { IppRequest } from './request.ts';

/**
 * What a job asks for, and what of it is not supported here. Unsupported attributes stay in the ticket: the printer that
 * prints may know them, and the difference is shown before release.
 */
export interface Ticket {
  incoming: IncomingJob;
  document: DocumentTicket;
  compression: string;
  /** As RFC 8011 section 4.1.7 wants them returned: unknown ones as 'unsupported', others with the offending values. */
  unsupported: IppAttribute[];
}

/** RFC 8011 sections 4.2.1.1 and 4.3.1.1. Throws IppRefusal. */
export function readTicket({ operation, job, userName }: IppRequest): Ticket {
  const compression = firstString(operation, 'compression') ?? 'none';
  if (!compressions.includes(compression)) {
    throw new IppRefusal('client-error-compression-not-supported', 'compression is none, gzip or deflate', [
      ...[find(operation, 'compression')].flatMap((each) => each ?? [])
    ]);
  }
  checkFormat(operation);
  const unsupported = job.flatMap((each) => unsupportedPart(each) ?? []);
  if (unsupported.length > 0 && firstBoolean(operation, 'ipp-attribute-fidelity') === true) {
    throw new IppRefusal(
      'client-error-attributes-or-values-not-supported',
      'ipp-attribute-fidelity is true and not everything is supported',
      unsupported
    );
  }
  const documentFormat = neutralFormat(firstString(operation, 'document-format') ?? 'application/octet-stream');
  const kept = operation.filter(({ name }) => !envelope.has(name));
  const name = firstString(operation, 'job-name') ?? firstString(operation, 'document-name') ?? 'Untitled';
  return {
    incoming: { name, userName, documentFormat, attributes: [...kept, ...job] },
    document: { documentFormat, attributes: [...kept, ...job] },
    compression,
    unsupported
  };
}

/** Throws client-error-document-format-not-supported. */
export function checkFormat(operation: readonly IppAttribute[]): void {
  const attribute = find(operation, 'document-format');
  if (!attribute) return;
  const [value] = attribute.values;
  if (value?.tag !== 'mimeMediaType') throw badRequest('document-format is a MIME type');
  if (!documentFormats.includes(value.value.toLowerCase())) {
    throw new IppRefusal('client-error-document-format-not-supported', 'see document-format-supported', [attribute]);
  }
}

/** CUPS's private name for a PDF that is to stay as it is means nothing to a printer. */
const neutralFormat = (format: string): string => {
  const lower = format.toLowerCase();
  return lower === 'application/vnd.cups-pdf' ? 'application/pdf' : lower;
};

/** Operation attributes that concern this request only. */
const envelope: ReadonlySet<string> = new Set([
  'attributes-charset',
  'attributes-natural-language',
  'printer-uri',
  'job-uri',
  'job-id',
  'requesting-user-name',
  'job-name',
  'document-name',
  'document-format',
  'compression',
  'last-document',
  'requested-attributes'
]);

/** Null when all is supported: each value is among `NAME-supported`, in its range, or a collection of known members. */
function unsupportedPart(attribute: IppAttribute): IppAttribute | null {
  const { name, values } = attribute;
  const supported = find(jobTemplateAttributes, `${name}-supported`)?.values;
  if (!supported) return { name, values: [{ tag: 'unsupported', value: null }] };
  const rest = values.filter((value) => !supported.some((each) => allows(each, value)));
  return rest.length > 0 ? { name, values: rest } : null;
}

function allows(supported: IppValue, value: IppValue): boolean {
  if (value.tag === 'begCollection') return true; // its members are settled at the printer that prints
  if (supported.tag === 'boolean') return supported.value;
  if (supported.tag === 'rangeOfInteger') {
    return value.tag === 'integer' && value.value >= supported.value.lower && value.value <= supported.value.upper;
  }
  if (supported.tag === 'integer' && value.tag === 'integer') {
    // RFC 8011 section 5.2.1: job-priority-supported is a number of levels
    return value.value >= 1 && value.value <= supported.value;
  }
  if (supported.tag === 'resolution' && value.tag === 'resolution') {
    return supported.value.cross === value.value.cross && supported.value.units === value.value.units;
  }
  return supported.value === value.value;
}
