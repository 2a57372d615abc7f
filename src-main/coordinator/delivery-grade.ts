import type { DeliveryGrade } from '../../src-preload/contract/index.ts';
import { LetterlockError } from '../base/errors.ts';
import type { PrinterRecord } from './store.ts';

/** Secure: IPP over TLS with a certificate that an administrator approved. */
const isSecure = ({ uri, certificateSha256 }: Pick<PrinterRecord, 'uri' | 'certificateSha256'>): boolean =>
  uri.startsWith('ipps://') && certificateSha256 !== null;

/** One grade that wants IPPS is enough. Throws `printer-not-secure`. */
export function requireDelivery(printer: PrinterRecord, ...grades: DeliveryGrade[]): void {
  if (grades.includes('ipps-required') && !isSecure(printer)) throw new LetterlockError('printer-not-secure');
}

/** A printer without TLS may only be approved by saying so. Throws `printer-not-secure`. */
export function requireApprovable(printer: PrinterRecord, grade: DeliveryGrade): void {
  if (grade !== 'plain-allowed' && !isSecure(printer))
    throw new LetterlockError('printer-not-secure', 'only the grade plain-allowed fits a printer without TLS');
}
