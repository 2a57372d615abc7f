import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import type { Clock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { linksFor } from '../discovery/links.ts';
import { openDiscovery } from '../discovery/multicast-discovery.ts';
import type { OfferedService, TxtRecord } from '../discovery/port.ts';
import { printerTxt } from '../discovery/printer-txt.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openLoopbackCertificate } from '../identity/loopback-certificate.ts';
import type { SecretStore } from '../identity/safe-secret.ts';
import type { Access } from '../ipp/access.ts';
import { openPrinter } from '../ipp/client.ts';
import type { PrintIntake } from '../ipp/port.ts';
import { certificateSha256 } from '../ipp/printer-connection.ts';
import { startPrinterServer } from '../ipp/printer-server.ts';
import { coalesce } from './events.ts';

/** A printer server that the network can find. */
export interface OpenShare {
  /** `ipps://letterlock-1a2b3c4d.local:6310/ipp/print` */
  readonly uri: string;
  readonly port: number;
  close(): Promise<void>;
}

export interface ShareSettings {
  /** Where to listen; it is announced on the interfaces that this means. */
  readonly host: string;
  /** 0: any free one. */
  readonly port: number;
  readonly name: string;
  readonly uuid: string;
  readonly dataDir: string;
  readonly identity: Pick<DeviceIdentity, 'id'>;
  readonly secrets: SecretStore;
  readonly access: Access;
  readonly intake: PrintIntake;
  readonly clock: Clock;
  readonly logger: Logger;
  /** Somebody else on the network has the name: it is this one now. */
  onName(name: string): void;
  /** 5353 but in tests. */
  readonly mdnsPort?: number;
}

/** Rejects when it cannot listen. What hinders the announcement is logged: people can still enter the address. */
export async function openShare(settings: ShareSettings): Promise<OpenShare> {
  const { host, dataDir, identity, secrets, clock, logger, intake, mdnsPort = 5353 } = settings;
  const label = `letterlock-${identity.id.slice(0, 8)}`;
  const names = [...hostNames(label), hostname(), ...(isIP(host) && !anyAddress.has(host) ? [host] : [])];
  const tls = await openLoopbackCertificate({ dataDir, secrets, clock, logger, names: [...names, 'localhost'] });
  const serve = (name: string, port: number) => startPrinterServer({ ...settings, name, port, names, tls });
  let server = await serve(settings.name, settings.port);
  const { port } = server;
  const ending = new AbortController();
  const attributes = createSelfQuery({ host, port, cert: tls.cert, signal: ending.signal });

  /** The printer says its own name: it has to begin anew with another one. Nobody prints in the seconds after a start. */
  let turn: Promise<unknown> = Promise.resolve();
  function rename(name: string): void {
    turn = turn.then(async () => {
      if (ending.signal.aborted) return;
      await server.close();
      server = await serve(name, port);
      settings.onName(name);
    });
    turn.catch((error) => logger.error({ error }, 'the shared printer did not start under its new name'));
  }
  const announced = announce().catch((error) => {
    if (!ending.signal.aborted) logger.warn({ error }, 'the shared printer is not announced');
    return async () => {};
  });

  async function announce(): Promise<() => Promise<void>> {
    const discovery = await openDiscovery({ links: linksFor(host), clock, logger, port: mdnsPort });
    try {
      const txt = async () => printerTxt(await attributes(), `${label}.local`);
      const offer = { name: settings.name, host: label, services: printServices(port, await txt()) };
      const advertisement = await discovery.advertise(offer, { onRename: rename, signal: ending.signal });
      const refresh = coalesce(() => {
        txt().then(
          (now) => advertisement.update(Object.fromEntries(printServices(port, now).map((one) => [one.type, one.txt]))),
          (error) => logger.debug({ error }, 'what the shared printer announces is not up to date')
        );
      }, 1000);
      const off = intake.onChange(refresh.request);
      return async () => {
        off();
        refresh.cancel();
        await discovery.close();
      };
    } catch (error) {
      await discovery.close();
      throw error;
    }
  }
  return {
    uri: `ipps://${label}.local:${port}/ipp/print`,
    port,
    async close() {
      ending.abort(new DOMException('no longer shared', 'AbortError'));
      await (await announced)();
      await turn.catch(() => undefined);
      await server.close();
    }
  };
}

/** What the host may come to be called when another machine of the network holds its name (RFC 6762 section 9). */
const hostNames = (label: string): string[] => ['', '-2', '-3', '-4', '-5'].map((suffix) => `${label}${suffix}.local`);

/** IPP in the clear (which upgrades to TLS before anything that needs a PIN) and over TLS; LPR isn't served, but its name is kept. */
const printServices = (port: number, txt: TxtRecord): OfferedService[] => [
  { type: '_printer._tcp', port: 0, txt: {} },
  { type: '_ipp._tcp', subtypes, port, txt },
  { type: '_ipps._tcp', subtypes, port, txt }
];

/** AirPrint; IPP Everywhere and Mopria. */
const subtypes = ['_universal', '_print'];

const anyAddress: ReadonlySet<string> = new Set(['0.0.0.0', '::']);

/** Asks the printer itself, as clients do: what is announced is what it answers. */
function createSelfQuery(own: { host: string; port: number; cert: string; signal: AbortSignal }) {
  const address =
    { '0.0.0.0': '127.0.0.1', '::': '[::1]' }[own.host] ?? (isIP(own.host) === 6 ? `[${own.host}]` : own.host);
  const pin = certificateSha256(new X509Certificate(own.cert).raw);
  const printer = openPrinter({ uri: `ipps://${address}:${own.port}/ipp/print`, pin, signal: own.signal });
  return () => printer.getPrinterAttributes('all');
}
