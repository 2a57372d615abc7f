import type { ErrorCode } from '../../src-preload/contract/errors.ts';
import type { PrinterState } from '../ipp/port.ts';
import type { PrintServices } from './print-intake.ts';
import { printerTexts, whatToDo } from './print-texts.ts';

/** No jobs are taken. "printer-state-reasons": RFC 8011 section 5.4.12, RFC 3998 ("deactivated"). */
export const stoppedState = (code: ErrorCode): PrinterState => ({
  state: 'stopped',
  reasons: [stoppedBy[code] ?? 'other-error'],
  message: whatToDo(code)
});

const stoppedBy: Partial<Record<ErrorCode, string>> = {
  'device-not-approved': 'deactivated-error',
  'coordinator-unreachable': 'connecting-to-device-error',
  'storage-full': 'spool-area-full-error'
};

/** Jobs are taken; what the user must know all the same. */
export function acceptingState({ jobs, organization }: PrintServices): PrinterState {
  const { sealing, keptHere, storageFull } = jobs.condition();
  const awake = organization
    .directory()
    ?.devices.some(
      ({ id, roles, status }) => roles.includes('node') && status === 'approved' && organization.online().has(id)
    );
  const warnings: [reason: string, text: string][] = [];
  if (storageFull) warnings.push(['spool-area-full-error', whatToDo('storage-full')]);
  if (keptHere > 0) warnings.push(['connecting-to-device-warning', printerTexts.keptHere(keptHere)]);
  if (!organization.connected()) warnings.push(['connecting-to-device-report', whatToDo('coordinator-unreachable')]);
  else if (!awake && keptHere === 0) warnings.push(['connecting-to-device-report', printerTexts.noNode]);
  return {
    state: sealing > 0 ? 'processing' : 'idle',
    reasons: warnings.map(([reason]) => reason),
    ...(warnings.length > 0 ? { message: warnings.map(([, text]) => text).join(' ') } : {})
  };
}
