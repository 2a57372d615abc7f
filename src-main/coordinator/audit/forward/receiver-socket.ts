import { createHash } from 'node:crypto';
import { type LookupAddress, lookup } from 'node:dns';
import { BlockList, isIP, type LookupFunction } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import { LetterlockError } from '../../../base/errors.ts';

export interface ReceiverAddress {
  /** Name or address, without brackets. */
  readonly host: string;
  readonly port: number;
  /** PEM. */
  readonly ca?: string | undefined;
  /** SHA-256 of the DER certificate, lower-case hex: then nothing else of it counts. */
  readonly certificateSha256?: string | undefined;
  /** Whether it may be on this machine or in a network that is not the public Internet. */
  readonly allowPrivate: boolean;
}

/**
 * A TLS connection to whoever receives the log, its certificate checked. Where private addresses are not allowed, the very
 * address that is connected to is looked at, so that no name can point there afterwards. Throws `receiver-unreachable`.
 */
export function openReceiverSocket(address: ReceiverAddress, signal: AbortSignal): Promise<TLSSocket> {
  const { host, port, ca, certificateSha256: pin, allowPrivate } = address;
  if (!allowPrivate && isIP(host) && !isPublicAddress(host)) throw refusal(privateAddress);
  return new Promise((resolve, reject) => {
    signal.throwIfAborted();
    const socket = connect({
      host,
      port,
      ...(isIP(host) ? {} : { servername: host }),
      ...(ca === undefined ? {} : { ca }),
      ...(allowPrivate ? {} : { lookup: publicOnly }),
      minVersion: 'TLSv1.2',
      // With a pin it is the certificate itself that is compared, below, before anything is sent.
      rejectUnauthorized: pin === undefined
    });
    const abort = () => socket.destroy(refusal('no answer in time'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('close', () => signal.removeEventListener('abort', abort));
    socket.once('error', (error) => reject(asUnreachable(error)));
    socket.once('secureConnect', () => {
      const seen = createHash('sha256').update(socket.getPeerCertificate().raw).digest('hex');
      if (pin === undefined || seen === pin) return resolve(socket);
      socket.destroy(refusal('another certificate than the pinned one'));
    });
  });
}

/** What went wrong in words that name no secret: the error's own code. */
export function asUnreachable(error: unknown): LetterlockError {
  if (error instanceof LetterlockError) return error;
  const { code } = error as NodeJS.ErrnoException;
  return new LetterlockError('receiver-unreachable', typeof code === 'string' ? code : 'connection', { cause: error });
}

export const refusal = (detail: string): LetterlockError => new LetterlockError('receiver-unreachable', detail);

const privateAddress = 'a private address, which is not allowed for it';

/** Every address of the name must be public; which of them is used is for the system to choose. */
const publicOnly: LookupFunction = (host, options, done) => {
  lookup(host, { ...options, all: true }, (error, addresses: LookupAddress[]) => {
    const [first] = addresses ?? [];
    if (error || !first) return done(error ?? refusal('no address'), '', 0);
    if (!addresses.every(({ address }) => isPublicAddress(address))) return done(refusal(privateAddress), '', 0);
    if (options.all) done(null, addresses);
    else done(null, first.address, first.family);
  });
};

/** IANA special-purpose registries (RFC 6890): IPv4 all but these, IPv6 only global unicast without these. */
export function isPublicAddress(address: string): boolean {
  if (isIP(address) === 4) return !special.check(address, 'ipv4');
  return isIP(address) === 6 && globalUnicast.check(address, 'ipv6') && !special.check(address, 'ipv6');
}

const special = new BlockList();
for (const [network, prefix] of [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3]
] as const)
  special.addSubnet(network, prefix, 'ipv4');
for (const [network, prefix] of [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
  ['3fff::', 20]
] as const)
  special.addSubnet(network, prefix, 'ipv6');
const globalUnicast = new BlockList();
globalUnicast.addSubnet('2000::', 3, 'ipv6');
