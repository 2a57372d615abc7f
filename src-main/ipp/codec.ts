/**
 * The IPP codec (RFC 8010), ours because foreign bytes meet it: bounded, canonical, strict with requests and lenient with
 * single values of replies (decode.ts). Documents never pass through it: the framer says where they begin.
 */
export { decodeMessage, decodeReply } from './decode.ts';
export { encodeMessage } from './encode.ts';
export { createFramer, type Framed, type Framer } from './framer.ts';
export { IppRefusal } from './refusal.ts';

import { decodeMessage } from './decode.ts';
import { encodeMessage } from './encode.ts';
import type { IppAttribute } from './message.ts';
import { wellFormed } from './well-formed.ts';

/**
 * Attributes alone as bytes, to be kept or passed on: a message with nothing else in it. Values of a printer's reply that break
 * their syntax are left out, so that decodeAttributes always reads what this wrote.
 */
export const encodeAttributes = (attributes: readonly IppAttribute[]): Uint8Array =>
  encodeMessage({
    version: '2.0',
    code: 0,
    requestId: 1,
    groups: [{ tag: 'job-attributes-tag', attributes: wellFormed(attributes) }]
  });

/** What encodeAttributes wrote. Throws IppRefusal. */
export const decodeAttributes = (bytes: Uint8Array): IppAttribute[] => decodeMessage(bytes).groups[0]?.attributes ?? [];
