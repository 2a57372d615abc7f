import { randomUUID } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import type { ClientState } from '../../src-preload/contract/index.ts';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { asLetterlockError } from '../base/errors.ts';
import { openLoopbackCertificate } from '../identity/loopback-certificate.ts';
import { openLoopbackCredentials } from '../identity/loopback-credentials.ts';
import { loopbackAccess } from '../ipp/loopback-access.ts';
import { startPrinterServer } from '../ipp/printer-server.ts';
import type { Handlers } from './dispatch.ts';
import { openInstallation } from './os-printer.ts';
import type { OsPrinterMode } from './os-printer-mode.ts';
import { createPrintIntake, type PrintServices } from './print-intake.ts';
import type { RoleContext } from './role.ts';

export interface VirtualPrinterOptions {
  /** 0 or absent: any free port at the first start, the same one ever after. */
  readonly port?: number | undefined;
  readonly osPrinter: OsPrinterMode;
  /**
   * Lets CUPS's own user print without credentials, for queues that were made by hand. Whoever may make a queue on this computer
   * can then print as this user.
   */
  readonly admitPrintSystem: boolean;
}

export interface VirtualPrinter {
  readonly uri: string;
  view(): ClientState['virtualPrinter'];
  /** To be called when jobs, organization or pairing have changed. */
  changed(): void;
  readonly handlers: Pick<Handlers, 'client.printer.install' | 'client.printer.remove'>;
}

/** The printer on this computer's loopback interface, for its user alone, and its queue in the operating system. */
export async function openVirtualPrinter(
  context: RoleContext,
  options: VirtualPrinterOptions & { readonly services: () => PrintServices | null; readonly onChange: () => void }
): Promise<VirtualPrinter> {
  const { dataDir, secrets, clock, logger, lifecycle, events } = context;
  const { services, onChange } = options;
  const intake = createPrintIntake({
    services,
    identify: (message) => events.emit('client.identify', message === undefined ? {} : { message }),
    logger
  });
  const known = await openPrinterFile(dataDir);
  const credentials = await openLoopbackCredentials({ dataDir, secrets, logger });
  const server = await startPrinterServer({
    port: options.port ?? known.port,
    host: '127.0.0.1',
    uuid: known.uuid,
    name: 'Letterlock',
    access: loopbackAccess({
      credentials,
      printSystemUid: options.admitPrintSystem ? await uidOf(printSystemUser) : undefined,
      clock,
      logger
    }),
    tls: { ...(await openLoopbackCertificate({ dataDir, secrets, clock, logger })), maxVersion: loopbackTls },
    intake,
    logger,
    clock
  });
  lifecycle.add('virtual printer', server.close);
  await writeJsonAtomic(printerFile(dataDir), { uuid: known.uuid, port: server.port });

  const installation = await openInstallation({
    dataDir,
    mode: options.osPrinter,
    port: server.port,
    credentials,
    printers: intake.printers,
    paired: () => services() !== null,
    onChange,
    logger
  });
  lifecycle.add('installation of the virtual printer', () => installation.close());
  return {
    uri: server.uri,
    view() {
      const refusal = intake.refusal();
      return {
        uri: server.uri,
        accepting: !refusal,
        ...(refusal ? { failure: { code: refusal.code, message: refusal.message } } : {}),
        installation: installation.view()
      };
    },
    changed() {
      intake.changed();
      installation.refresh();
    },
    handlers: {
      'client.printer.install': ({ asDefault }) => installation.install({ asDefault }),
      'client.printer.remove': () => installation.remove()
    }
  };
}

/**
 * libcups with GnuTLS (CUPS 2.4) takes the session tickets that come after a TLS 1.3 handshake for the answer to its `Expect:
 * 100-continue`, and connects anew for ever. On loopback TLS only keeps the queue's password from whoever takes the port.
 */
const loopbackTls = 'TLSv1.2';

/** The user that CUPS runs its backends as. */
const printSystemUser = 'lp';

async function uidOf(user: string): Promise<number | undefined> {
  const users = await readFile('/etc/passwd', 'utf8').catch(() => '');
  const uid = users
    .split('\n')
    .find((line) => line.startsWith(`${user}:`))
    ?.split(':')[2];
  return uid === undefined ? undefined : Number(uid);
}

const PrinterFile = z.object({ uuid: z.uuid(), port: z.number().int().min(1).max(65535) });
const printerFile = (dataDir: string) => join(dataDir, 'printer.json');

/** UUID and port of the virtual printer stay the same for good: operating systems know it by them. */
async function openPrinterFile(dataDir: string): Promise<{ uuid: string; port: number }> {
  const known = await readJson(printerFile(dataDir), PrinterFile).catch((error) => {
    throw asLetterlockError(error, 'storage-damaged');
  });
  return known ?? { uuid: randomUUID(), port: 0 };
}
