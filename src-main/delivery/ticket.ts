import type { JobId } from '../../src-preload/contract/ids.ts';
import type { PolicyView } from '../../src-preload/contract/views.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import { nameAttribute } from '../ipp/attributes.ts';
import { decodeAttributes } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import type { JobMetadata } from '../sealing/metadata.ts';

/**
 * What the printer is told of a job: every attribute that the client sent, byte for byte, but for those that speak of the
 * client's own request and those that had their effect before the job was released.
 */
export interface DeliveryTicket {
  /** job-name, and whether the client insists on its attributes. */
  readonly operation: readonly IppAttribute[];
  /** Job template attributes. */
  readonly job: readonly IppAttribute[];
  readonly documents: readonly TicketDocument[];
}

export interface TicketDocument {
  /** MIME type, as it was sealed. */
  readonly format: string;
  readonly size: number;
  /** document-name, where the client gave one. */
  readonly operation: readonly IppAttribute[];
  /** Document template attributes (PWG 5100.5). */
  readonly template: readonly IppAttribute[];
}

/** `names` is the organization's rule: names are told as they are, or not at all. Throws `seal-broken`. */
export function readTicket(job: JobId, metadata: JobMetadata, names: PolicyView['jobNames']): DeliveryTicket {
  const shown = names === 'shown';
  const attributes = readAttributes(metadata.attributes);
  return {
    operation: [
      nameAttribute('job-name', (shown && metadata.title) || opaqueName(job)),
      ...attributes.filter(({ name }) => insists.has(name))
    ],
    job: attributes.filter(asksForPrint),
    documents: metadata.documents.map(({ format, size, name, attributes: own }) => ({
      format,
      size,
      operation: shown && name ? [nameAttribute('document-name', name)] : [],
      template: readAttributes(own).filter(asksForPrint)
    }))
  };
}

/** A job-name that says nothing about the document. */
export const opaqueName = (job: JobId): string => `letterlock-${job}`;

/** RFC 8011 section 4.1.7, PWG 5100.7 "job-mandatory-attributes": operation attributes that say how strictly to print. */
const insists: ReadonlySet<string> = new Set(['ipp-attribute-fidelity', 'job-mandatory-attributes']);

const asksForPrint = ({ name }: IppAttribute): boolean =>
  !insists.has(name) && !ofTheRequest.test(name) && !hadItsEffect.test(name);

/**
 * Operation attributes of the request that brought the job: RFC 8011 sections 4.2.1.1 and 4.3.1, PWG 5100.5, 5100.7,
 * 5100.11, 5100.13, RFC 3995. Named one by one, because job template attributes begin with the same words
 * (printer-resolution, document-copies), and vendors' may.
 */
const ofTheRequest =
  /^(attributes-(charset|natural-language)|(printer|job|document|output-device)-uri|requesting-user-.*|job-(id|name|k-octets|impressions|impressions-col|media-sheets|media-sheets-col|pages|pages-col)|document-(access|charset|data-.*|digital-signature.*|format.*|message|metadata|name|natural-language|number|password|preprocessed)|compression|last-document|client-info|limit|first-index|my-jobs|which-jobs|job-ids|requested-attributes|preferred-attributes|notify-.*)$/;

/**
 * The hold, the password, the release and the storage that it asked for (PWG 5100.7, 5100.11, 5100.12): it was held, sealed,
 * until its owner released it. Given to the printer, they would leave a readable job in it.
 */
const hadItsEffect =
  /^(job-(hold-until|delay-output-until|retain-until)(-interval|-time)?|job-password(-encryption)?|job-release-action|job-storage|job-save-disposition|job-authorization-uri|proof-print|proof-copies)$/;

/** Sealed by its owner's client, so never expected to be wrong. */
function readAttributes(text: string | undefined): IppAttribute[] {
  if (!text) return [];
  try {
    return decodeAttributes(decoded(text));
  } catch {
    throw new LetterlockError('seal-broken', 'attributes'); // no cause: it could quote them
  }
}
