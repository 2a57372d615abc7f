import { asLetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { attribute, charset, naturalLanguage } from './attributes.ts';
import { encodeMessage, type Framer } from './codec.ts';
import { detailedMessage, statusMessage, statusOf } from './intake-status.ts';
import type { IppGroup } from './message.ts';
import type { IppAnswer } from './operations.ts';
import { IppRefusal } from './refusal.ts';
import { statusCode } from './registry.ts';

/** What went wrong, as the answer to whoever asked. Errors of ours are logged, refusals are everyday life. */
export function failed(error: unknown, logger: Logger): IppAnswer & { statusMessage?: string } {
  if (error instanceof IppRefusal) {
    const unsupported: IppGroup = { tag: 'unsupported-attributes-tag', attributes: [...error.unsupported] };
    const groups = error.unsupported.length > 0 ? [unsupported] : [];
    return { status: error.status, statusMessage: error.reason, groups };
  }
  const known = asLetterlockError(error);
  logger[known.code === 'internal' ? 'error' : 'info']({ code: known.code, error: known }, 'print request failed');
  const operation = [detailedMessage(known)];
  return { status: statusOf(known), statusMessage: statusMessage(known), operation, groups: [] };
}

/** An answer in the version and under the request-id of its request; null if not even those have come. */
export function encodeAnswer(framer: Framer, answer: IppAnswer & { statusMessage?: string }): Uint8Array | null {
  const prefix = framer.prefix();
  if (!prefix) return null;
  const bytes = encodeMessage({
    version: answered.test(prefix.version) ? prefix.version : '2.0',
    code: statusCode(answer.status),
    requestId: prefix.requestId,
    groups: [
      {
        tag: 'operation-attributes-tag',
        attributes: [
          charset('attributes-charset', 'utf-8'),
          naturalLanguage('attributes-natural-language', 'en'),
          ...(answer.statusMessage
            ? [attribute('status-message', { tag: 'textWithoutLanguage', value: answer.statusMessage.slice(0, 255) })]
            : []),
          ...(answer.operation ?? [])
        ]
      },
      ...answer.groups
    ]
  });
  const { encodedAttributes } = answer;
  return encodedAttributes ? Buffer.concat([bytes.subarray(0, -1), encodedAttributes, bytes.subarray(-1)]) : bytes;
}

/** Clients expect their own version back; which ones are wholly supported, ipp-versions-supported says. */
const answered = /^(1\.[01]|2\.[0-2])$/;
