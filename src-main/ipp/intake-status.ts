import { isErrorCode, publicErrors } from '../../src-preload/contract/errors.ts';
import { LetterlockError } from '../base/errors.ts';
import { firstString, textAttribute } from './attributes.ts';
import type { IppAttribute } from './message.ts';
import type { StatusName } from './registry.ts';

/** Which IPP status tells a print client what became of its job, so that it retries or gives up as it should. */
export function statusOf({ code }: LetterlockError): StatusName {
  switch (code) {
    case 'storage-full':
    case 'node-unreachable':
    case 'coordinator-unreachable':
      return 'server-error-temporary-error';
    case 'not-paired':
    case 'device-not-approved':
    case 'certificate-invalid':
    case 'no-owner':
      return 'server-error-not-accepting-jobs';
    case 'rate-limited':
      return 'server-error-busy';
    case 'not-allowed':
    case 'policy-refused':
    case 'session-expired':
      return 'client-error-not-authorized';
    case 'too-large':
      return 'client-error-request-entity-too-large';
    case 'input-invalid':
    case 'upload-truncated':
      return 'client-error-bad-request';
    case 'not-found':
      return 'client-error-not-found';
    case 'format-not-supported':
      return 'client-error-document-format-not-supported';
    case 'conflict':
    case 'job-in-progress':
    case 'job-already-released':
    case 'job-not-releasable':
      return 'client-error-not-possible';
    default:
      return 'server-error-internal-error';
  }
}

/** status-message: what happened and what to do, in the words that every surface uses. */
export const statusMessage = ({ code, detail }: LetterlockError): string =>
  [publicErrors[code].message, detail && `(${detail})`, publicErrors[code].next].filter(Boolean).join(' ');

/** detailed-status-message (RFC 8011 section 4.1.6.3): the code, and what it is about, for programs that know Letterlock. */
export const detailedMessage = ({ code, detail }: LetterlockError): IppAttribute =>
  textAttribute('detailed-status-message', [code, detail].filter(Boolean).join(': '));

/** The error that such an answer tells of. */
export function errorIn(operation: readonly IppAttribute[]): LetterlockError | undefined {
  const [, code, detail] =
    /^([a-z-]+)(?:: (.*))?$/s.exec(firstString(operation, 'detailed-status-message') ?? '') ?? [];
  return isErrorCode(code) ? new LetterlockError(code, detail) : undefined;
}
