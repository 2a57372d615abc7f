import { createHash } from 'node:crypto';
import { connect as connectTcp, isIP, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import { LetterlockError } from '../base/errors.ts';
import { KiB, limits } from '../base/limits.ts';

export interface PrinterAddress {
  secure: boolean;
  hostname: string;
  port: number;
  /** As the Host header has it. */
  host: string;
  /** Path and query. */
  path: string;
  /** As ipp: or ipps: URI, for printer-uri. */
  uri: string;
}

/** Throws LetterlockError('input-invalid') for anything but ipp: and ipps: (RFC 8010 section 3.3, RFC 7472). */
export function parsePrinterUri(uri: string): PrinterAddress {
  const parsed = URL.canParse(uri) ? new URL(uri) : null;
  if (!parsed || !/^ipps?:$/.test(parsed.protocol) || parsed.hostname === '' || parsed.username !== '') {
    throw new LetterlockError('input-invalid', 'a printer is an ipp: or ipps: URI');
  }
  return {
    secure: parsed.protocol === 'ipps:',
    hostname: parsed.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: Number(parsed.port || ippPort),
    host: `${parsed.hostname}:${parsed.port || ippPort}`,
    path: `${parsed.pathname || '/'}${parsed.search}`,
    uri
  };
}

/** SHA-256 of a DER certificate, lower-case hex: what a pin is. */
export const certificateSha256 = (der: Uint8Array): string => createHash('sha256').update(der).digest('hex');

/**
 * TLS 1.2 and up with a printer whose certificate is the pinned one, ready for the first byte. Throws LetterlockError:
 * printer-certificate-changed, printer-unreachable.
 */
export async function connectPinned(address: PrinterAddress, pin: string, signal: AbortSignal): Promise<Socket> {
  const socket = await connectUnverified(address, signal);
  if (certificateSha256(peerCertificate(socket)) === pin.toLowerCase()) return socket;
  socket.destroy();
  throw new LetterlockError('printer-certificate-changed');
}

export const connectPlain = ({ hostname, port }: PrinterAddress, signal: AbortSignal): Promise<Socket> =>
  ready(connectTcp({ host: hostname, port, ...large }), 'connect', signal);

/** TLS with whoever answers. Nothing may be sent over it before its certificate has been compared. */
export async function connectUnverified(address: PrinterAddress, signal: AbortSignal): Promise<TLSSocket> {
  const tcp = await connectPlain(address, signal);
  const socket = connectTls({
    socket: tcp,
    ...(isIP(address.hostname) ? {} : { servername: address.hostname }),
    minVersion: 'TLSv1.2',
    rejectUnauthorized: false, // printers sign their own certificates; the pin is what is checked
    ...large
  });
  beneath.set(socket, tcp);
  return ready(socket, 'secureConnect', signal);
}

/** The TCP socket under each TLS one: breaking off needs it. */
const beneath = new WeakMap<Socket, Socket>();

/** DER. */
export function peerCertificate(socket: TLSSocket): Buffer {
  const { raw } = socket.getPeerCertificate();
  if (!raw) throw new LetterlockError('printer-unreachable', 'it shows no certificate');
  return raw;
}

/**
 * Ends an upload so that no printer can take what it has for the whole: some print what they got when a connection is
 * merely closed. A chunk is announced that never comes, then the connection fails: by a reset, or under TLS by a record
 * that doesn't authenticate (Node crashes when the TCP socket beneath TLS is reset).
 */
export async function breakOff(socket: Socket): Promise<void> {
  if (socket.destroyed) return;
  const tcp = beneath.get(socket);
  const closed = new Promise((resolve) => socket.once('close', resolve));
  socket.write('100000\r\n', () => {
    if (tcp) tcp.write(forgedRecord, () => socket.destroy());
    else setTimeout(() => socket.resetAndDestroy(), headStart);
  });
  await closed;
}

/**
 * A reset throws away what the printer has not read yet, and one that meets it between two chunks passes for the end: it gets
 * this long, in milliseconds, to read that a chunk begins. Under TLS the bad record comes in its order, whatever happens.
 */
const headStart = 500;

/** TLS application data (RFC 8446 section 5.2) of 64 zeros. */
const forgedRecord = Buffer.concat([Buffer.of(0x17, 3, 3, 0, 64), Buffer.alloc(64)]);

const ippPort = 631;
const large = { highWaterMark: 256 * KiB };

function ready<S extends Socket>(socket: S, event: 'connect' | 'secureConnect', signal: AbortSignal): Promise<S> {
  return new Promise((resolve, reject) => {
    const fail = (cause: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(signal.aborted ? signal.reason : new LetterlockError('printer-unreachable', undefined, { cause }));
    };
    const onAbort = (): void => fail(signal.reason);
    const onTimeout = (): void => fail(new Error('connecting took too long'));
    if (signal.aborted) return onAbort();
    signal.addEventListener('abort', onAbort, { once: true });
    socket.setTimeout(limits.connectSeconds * 1000, onTimeout);
    socket.once('error', fail);
    socket.once(event, () => {
      signal.removeEventListener('abort', onAbort);
      socket.off('error', fail).off('timeout', onTimeout).setTimeout(0).setNoDelay(true);
      resolve(socket);
    });
  });
}
