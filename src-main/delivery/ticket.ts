import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import type { JobId } from '../../src-preload/contract/ids.ts';
import { mimeMediaType, nameAttribute } from '../ipp/attributes.ts';
import type { PrintAttributes } from '../ipp/client.ts';
import { decodeAttributes, encodeAttributes } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import type { JobMetadata } from '../sealing/metadata.ts';

/** The name under which the printer knows a job, and under which we find it again. Says nothing about the document. */
export const printerJobName = (job: JobId): string => `letterlock-${job}`;

/**
 * What the printer is told: the format, an opaque name, and the job template attributes that were sealed with the job.
 * Neither title nor user nor password nor hold of the original request.
 */
export function printAttributes(job: JobId, { documentFormat, attributes }: JobMetadata): PrintAttributes {
  return {
    operation: [nameAttribute('job-name', printerJobName(job)), mimeMediaType('document-format', documentFormat)],
    job: readAttributes(attributes).filter(({ name }) => !concernsRequest.test(name))
  };
}

/** Operation attributes (RFC 8011 section 4.2.1.1, PWG 5100.11, 5100.7), and what has had its effect on our side. */
const concernsRequest =
  /^(attributes-|requesting-|printer-|document-|job-(uri|id|name|hold-|password|k-octets|impressions$|media-sheets$|mandatory-)|ipp-attribute-fidelity$|compression$|last-document$|client-info$|limit$|requested-)/;

const Attribute = z.object({
  name: z.string().min(1),
  values: z.array(z.object({ tag: z.union([z.string(), z.number()]), value: z.unknown() })).min(1)
});

/** Attributes as JSON kept them. What JSON could not keep, such as bytes, is left out. */
function readAttributes(json: unknown): IppAttribute[] {
  if (!Array.isArray(json)) return [];
  return json.flatMap((each) => {
    const attribute = Attribute.safeParse(each).data as IppAttribute | undefined;
    return attribute && isSound(attribute) ? [attribute] : [];
  });
}

/** Whether the codec gives back what it was given. */
function isSound(attribute: IppAttribute): boolean {
  try {
    return isDeepStrictEqual(decodeAttributes(encodeAttributes([attribute])), [attribute]);
  } catch {
    return false;
  }
}
