import { decodeCapabilities, encodeCapabilities, pickCapabilities } from '../../src-main/ipp/capabilities.ts';
import { createFramer, decodeMessage, decodeReply, encodeMessage, IppRefusal } from '../../src-main/ipp/codec.ts';
import type { IppMessage } from '../../src-main/ipp/message.ts';
import { Finding } from './finding.ts';
import { pushInPieces } from './pieces.ts';
import type { Random } from './random.ts';

/** Through the codec as a request: refused with one of its two statuses, or encoded to the same bytes again. */
export const codecTarget = (input: Buffer, random: Random): string => readBy(decodeMessage, input, random).outcome;

/** Through the codec as a printer's reply, and on to what is kept of a printer's capabilities. */
export function replyTarget(input: Buffer, random: Random): string {
  const { outcome, message } = readBy(decodeReply, input, random);
  if (!message) return outcome;
  try {
    const said = message.groups.flatMap(({ attributes }) => attributes);
    const kept = encodeCapabilities(pickCapabilities(said));
    if (encodeCapabilities(decodeCapabilities(kept)) !== kept) throw new RangeError('the capabilities changed');
  } catch (cause) {
    throw new Finding('the capabilities of a reply could not be kept', input, { cause });
  }
  return outcome;
}

function readBy(
  decode: (bytes: Uint8Array) => IppMessage,
  input: Buffer,
  random: Random
): { outcome: string; message?: IppMessage } {
  let header: Uint8Array;
  let message: IppMessage;
  try {
    const framed = pushInPieces(createFramer(), input, random);
    if (!framed) return { outcome: 'cut off' };
    ({ header } = framed);
    message = decode(header);
  } catch (error) {
    return { outcome: refusalOf(error, input) };
  }
  if (!Buffer.from(encodeMessage(message)).equals(header)) throw new Finding('decoding lost something', input);
  return { outcome: 'accepted', message };
}

function refusalOf(error: unknown, input: Buffer): string {
  const status = error instanceof IppRefusal ? error.status : '';
  if (status === 'client-error-bad-request' || status === 'client-error-request-entity-too-large') return status;
  throw new Finding('the codec failed', input, { cause: error });
}
