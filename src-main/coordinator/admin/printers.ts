import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { type AdminPrinterView, PrinterId } from '../../../src-preload/contract/index.ts';
import { isoTime } from '../../base/clock.ts';
import { LetterlockError } from '../../base/errors.ts';
import { limits } from '../../base/limits.ts';
import type { Act, Perform } from '../act.ts';
import { requireApprovable } from '../delivery-grade.ts';
import type { DirectoryKeeper } from '../directory-keeper.ts';
import type { PrinterCapabilities } from '../printer-capabilities.ts';
import { changeSite, chosenSite } from '../sites/sites.ts';
import type { CoordinatorStore, PrinterRecord } from '../store.ts';
import type { AdminArea } from './area.ts';

/** The certificate that an ipps: printer shows now; sends it nothing. `validTo`: ISO 8601. */
export type FetchPrinter = (
  uri: string,
  signal: AbortSignal
) => Promise<{ readonly sha256: string; readonly subject: string; readonly validTo: string }>;

export interface PrinterHandlerOptions {
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly fetchPrinter: FetchPrinter;
  readonly capabilities: PrinterCapabilities;
}

/** Printers are approved by comparing their certificate, and only as secure as they are. */
export function printerHandlers(options: PrinterHandlerOptions): AdminArea<'printer'> {
  const { store, directory, perform, fetchPrinter, capabilities } = options;
  const refresh = () => directory.refresh();

  return {
    'admin.printer.list': async () => (await store.tables.printers.list()).map(view),

    async 'admin.printer.add'({ name, uri, location, site }, actor) {
      const secure = requirePrinterUri(uri) === 'ipps:';
      const certificate = secure
        ? await fetchPrinter(uri, AbortSignal.timeout(2 * limits.connectSeconds * 1000))
        : undefined;
      const printer: Omit<PrinterRecord, 'site'> = {
        id: PrinterId.parse(randomUUID()),
        name,
        location,
        uri,
        status: 'pending',
        grade: 'ipps-required',
        certificateSha256: certificate?.sha256 ?? null,
        certificateSubject: certificate?.subject ?? null,
        certificateExpires: certificate ? Date.parse(certificate.validTo) : null,
        capabilities: null
      };
      return perform(actor, async ({ tables, record }) => {
        const added = { ...printer, site: await chosenSite(tables, site) };
        await tables.printers.insert(added);
        const { certificateSha256 } = added;
        record('printer.added', printer.id, { name, uri, certificateSha256, site: added.site });
        return view(added);
      });
    },

    'admin.printer.approve': ({ id, certificateSha256, grade }, actor) =>
      perform(actor, async ({ tables, record, after }) => {
        const printer = await printerOf(tables, id);
        if (printer.status === 'removed') throw new LetterlockError('conflict', 'this printer was removed');
        if (printer.certificateSha256 !== certificateSha256) throw new LetterlockError('printer-certificate-changed');
        requireApprovable(printer, grade);
        await tables.printers.approve(id, grade);
        record('printer.approved', id, { uri: printer.uri, certificateSha256, grade });
        after(refresh);
        // Not waited for: whether it answers now or later, it is approved.
        after(() => void capabilities.ask({ ...printer, grade }, actor).catch(() => {}));
        return view({ ...printer, status: 'approved', grade });
      }),

    async 'admin.printer.refresh'({ id }, actor) {
      const printer = await printerOf(store.tables, id);
      if (printer.status !== 'approved') throw new LetterlockError('printer-not-approved');
      await capabilities.ask(printer, actor);
      return view(await printerOf(store.tables, id));
    },

    'admin.printer.move': ({ id, site }, actor) =>
      perform(actor, async (act) => {
        const printer = await printerOf(act.tables, id);
        if (printer.status === 'removed') throw new LetterlockError('conflict', 'this printer was removed');
        if (await changeSite(act, 'printer', printer, site, () => act.tables.printers.move(id, site)))
          act.after(refresh);
        return view({ ...printer, site });
      }),

    async 'admin.printer.remove'({ id }, actor) {
      await perform(actor, async ({ tables, record, after }) => {
        await printerOf(tables, id);
        await tables.printers.remove(id);
        record('printer.removed', id);
        after(refresh);
      });
      return {};
    }
  };
}

async function printerOf(tables: Act['tables'], id: PrinterId): Promise<PrinterRecord> {
  const printer = await tables.printers.get(id);
  if (!printer) throw new LetterlockError('not-found', 'printer');
  return printer;
}

function requirePrinterUri(uri: string): 'ipp:' | 'ipps:' {
  const { protocol, hostname, username, password } = URL.canParse(uri) ? new URL(uri) : { protocol: '' };
  if ((protocol !== 'ipp:' && protocol !== 'ipps:') || !hostname || username || password)
    throw new LetterlockError('input-invalid', 'uri: ipps://host[:port]/path');
  return protocol;
}

const view = ({
  certificateExpires,
  capabilities: _,
  ...printer
}: PrinterRecord): z.infer<typeof AdminPrinterView> => ({
  ...printer,
  certificateExpires: certificateExpires === null ? null : isoTime(certificateExpires)
});
