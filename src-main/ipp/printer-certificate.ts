import { X509Certificate } from 'node:crypto';
import { LetterlockError } from '../base/errors.ts';
import { certificateSha256, connectUnverified, parsePrinterUri, peerCertificate } from './printer-connection.ts';

/** What an administrator compares before a printer is approved. */
export interface PrinterCertificate {
  /** Of the DER certificate, lower-case hex: the pin. */
  sha256: string;
  /** As OpenSSL writes distinguished names, one attribute a line. */
  subject: string;
  issuer: string;
  /** ISO 8601. */
  validFrom: string;
  validTo: string;
}

/**
 * The certificate that an ipps: printer shows now; nothing is sent to it. Throws LetterlockError: input-invalid,
 * printer-not-secure for an ipp: URI, printer-unreachable.
 */
export async function fetchPrinterCertificate(uri: string, signal: AbortSignal): Promise<PrinterCertificate> {
  const address = parsePrinterUri(uri);
  if (!address.secure) throw new LetterlockError('printer-not-secure');
  const socket = await connectUnverified(address, signal);
  try {
    const der = peerCertificate(socket);
    const { subject, issuer, validFrom, validTo } = new X509Certificate(der);
    return { sha256: certificateSha256(der), subject, issuer, validFrom: iso(validFrom), validTo: iso(validTo) };
  } finally {
    socket.destroy();
  }
}

const iso = (date: string): string => new Date(date).toISOString();
