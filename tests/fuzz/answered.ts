import { decodeMessage } from '../../src-main/ipp/codec.ts';
import { statusName } from '../../src-main/ipp/registry.ts';
import { Finding } from './finding.ts';

/** The status keyword of a proper answer: strict IPP, the request's own id, a status that the registry knows, no excuse. */
export function answered(answer: Uint8Array, request: Buffer): string {
  let status: string;
  try {
    const { code, requestId, groups } = decodeMessage(answer);
    status = statusName(code);
    if (requestId !== request.readInt32BE(4)) throw new RangeError('the answer is to another request');
    const [charset, language] = groups[0]?.attributes ?? [];
    if (charset?.name !== 'attributes-charset' || language?.name !== 'attributes-natural-language')
      throw new RangeError('the answer does not begin with its charset and language');
  } catch (cause) {
    throw new Finding('the answer is not proper', request, { cause });
  }
  if (status.startsWith('0x') || status === 'server-error-internal-error')
    throw new Finding(`the answer is ${status}`, request);
  return status;
}
