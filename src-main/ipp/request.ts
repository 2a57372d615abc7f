import { find, firstString, groupOf } from './attributes.ts';
import { decodeMessage } from './decode.ts';
import type { IppAttribute, IppMessage, IppValue } from './message.ts';
import { badRequest, IppRefusal } from './refusal.ts';

/** A request that has passed the checks that every operation has in common. */
export interface IppRequest {
  message: IppMessage;
  /** The operation-attributes group. */
  operation: readonly IppAttribute[];
  /** The job-attributes group: the ticket. */
  job: readonly IppAttribute[];
  userName: string;
  /** From printer-uri and job-id, or from job-uri. */
  jobNumber: number | undefined;
}

/** RFC 8011 section 4.1, in the order in which its failures are to be reported. Throws IppRefusal. */
export function readRequest(header: Uint8Array): IppRequest {
  const message = decodeMessage(header);
  if (!/^[12]\./.test(message.version)) {
    throw new IppRefusal('server-error-version-not-supported', 'IPP 1.0 to 2.x is spoken here');
  }
  if (message.requestId < 1) throw badRequest('request-id is at least 1');
  const [first, ...others] = message.groups;
  if (first?.tag !== 'operation-attributes-tag') throw badRequest('the operation attributes come first');
  if (others.some((group) => group.tag === 'operation-attributes-tag'))
    throw badRequest('operation attributes come once');
  checkLanguage(first.attributes);
  for (const { attributes } of message.groups) attributes.forEach(checkAttribute);
  for (const { attributes } of message.groups) checkUnique(attributes);
  return {
    message,
    operation: first.attributes,
    job: groupOf(message, 'job-attributes-tag'),
    userName: firstString(first.attributes, 'requesting-user-name') ?? 'anonymous',
    jobNumber: readTarget(first.attributes)
  };
}

/** RFC 8011 section 4.1.4: charset and language are the first two attributes, in this order. */
function checkLanguage([charset, language]: readonly IppAttribute[]): void {
  if (charset?.name !== 'attributes-charset') throw badRequest('attributes-charset comes first');
  if (language?.name !== 'attributes-natural-language') throw badRequest('attributes-natural-language comes second');
  const [value] = charset.values;
  if (value?.tag !== 'charset') throw badRequest('attributes-charset is a charset');
  if (language.values[0]?.tag !== 'naturalLanguage') throw badRequest('attributes-natural-language is a language');
  if (!['utf-8', 'us-ascii'].includes(value.value.toLowerCase())) {
    throw new IppRefusal('client-error-charset-not-supported', 'the charset is utf-8');
  }
}

/** RFC 8011 section 4.1.5: the target, by printer-uri or job-uri. Returns the job's number if one is named. */
function readTarget(operation: readonly IppAttribute[]): number | undefined {
  const jobUri = find(operation, 'job-uri')?.values[0];
  const printerUri = find(operation, 'printer-uri')?.values[0];
  const target = jobUri ?? printerUri;
  if (target?.tag !== 'uri') throw badRequest('the operation names no printer-uri');
  const [, number] = targetPath.exec(pathOf(target.value)) ?? notFound();
  if (jobUri) return Number(number ?? notFound());
  const id = find(operation, 'job-id')?.values[0];
  if (id === undefined) return undefined;
  if (id.tag !== 'integer' || id.value < 1) throw badRequest('job-id is a positive integer');
  return id.value;
}

/** Where the printer is (RFC 8011 leaves the path to it), and where its jobs are. */
export const targetPath = /^(?:\/|\/ipp\/?|\/ipp\/print\/?|\/ipp\/print\/(\d{1,10}))$/;

function pathOf(uri: string): string {
  try {
    return new URL(uri).pathname || '/';
  } catch {
    throw badRequest('the target is not a URI');
  }
}

function notFound(): never {
  throw new IppRefusal('client-error-not-found', 'there is no such printer or job');
}

/** RFC 8011 section 5.1: the longest values of each syntax, in octets. */
const longest: Partial<Record<IppValue['tag'], number>> = {
  textWithoutLanguage: 1023,
  textWithLanguage: 1023,
  nameWithoutLanguage: 255,
  nameWithLanguage: 255,
  keyword: 255,
  uri: 1023,
  uriScheme: 63,
  charset: 63,
  naturalLanguage: 63,
  mimeMediaType: 255,
  octetString: 1023
};

function checkAttribute({ values }: IppAttribute): void {
  for (const { tag, value } of values) {
    const text = typeof value === 'object' && value !== null && 'text' in value ? value.text : value;
    const length = typeof text === 'string' ? Buffer.byteLength(text) : text instanceof Uint8Array ? text.length : 0;
    if (length > (longest[tag] ?? 0x7fff)) {
      throw new IppRefusal('client-error-request-value-too-long', 'a value is longer than its syntax allows');
    }
  }
}

function checkUnique(attributes: readonly IppAttribute[]): void {
  if (new Set(attributes.map(({ name }) => name)).size < attributes.length) {
    throw badRequest('an attribute comes twice');
  }
}
