import { createHash } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Logger } from '../base/logger.ts';
import type { LoopbackCredentials } from '../identity/loopback-credentials.ts';
import { decodeMessage, encodeAttributes, encodeMessage } from '../ipp/codec.ts';
import type { IppAttribute } from '../ipp/message.ts';
import { type Installation, keepInstallation } from '../os-printer/installation.ts';
import { osPrinter, thisPlatform } from '../os-printer/platform.ts';
import type { OsPrinterMode } from './os-printer-mode.ts';

/** The virtual printer in the print system of this computer, for the user that this process runs as. */
export function openInstallation(options: {
  readonly dataDir: string;
  readonly mode: OsPrinterMode;
  /** The virtual printer's; 0 where it does not run: then an installation can only be looked at and removed. */
  readonly port: number;
  readonly credentials: LoopbackCredentials;
  /** What the printers of the site say of themselves. */
  readonly printers: () => readonly (readonly IppAttribute[])[];
  readonly paired: () => boolean;
  readonly onChange: () => void;
  readonly logger: Logger;
}): Promise<Installation> {
  const { dataDir, mode, port, credentials, printers, paired, onChange, logger } = options;
  const owner = userInfo().username;
  const platform = thisPlatform();
  const codec = { encode: encodeMessage, decode: decodeMessage };
  return keepInstallation({
    system: platform && osPrinter({ platform, codec, user: owner, env: process.env }),
    file: join(dataDir, 'os-printer.json'),
    target: { port, credentials, owner, offer: () => fingerprint(printers(), credentials) },
    automatic: () => mode === 'install' && paired(),
    onChange,
    logger
  });
}

/** The same printers in any order give the same one; the password is random, so that its digest says nothing. */
function fingerprint(printers: readonly (readonly IppAttribute[])[], { password }: LoopbackCredentials): string {
  const digest = (bytes: Uint8Array | string) => createHash('sha256').update(bytes).digest('base64url');
  return digest([...printers.map((printer) => digest(encodeAttributes(printer))).sort(), digest(password)].join());
}
