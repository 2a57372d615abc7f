import type { DeviceId, PrinterId } from '../../src-preload/contract/index.ts';
import type { Clock } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import type { Perform } from './act.ts';
import type { DirectoryKeeper } from './directory-keeper.ts';
import type { CoordinatorStore, PrinterRecord } from './store.ts';

/** Asks an approved printer what it can do, and sends it nothing else. IPP attributes as their bytes, base64url. */
export type FetchCapabilities = (
  printer: Pick<PrinterRecord, 'uri' | 'grade' | 'certificateSha256'>,
  signal: AbortSignal
) => Promise<string>;

/**
 * What the printers say of themselves, for the directory: the virtual printer offers what can be printed somewhere. The words
 * are kept as they came and are judged by whoever reads them; nothing is allowed or refused by them here.
 */
export interface PrinterCapabilities {
  /** Throws what the way to the printer throws, such as `printer-unreachable`. */
  ask(printer: PrinterRecord, actor: string): Promise<void>;
  /** By a node that has just spoken to the printer. Further reports within a minute are dropped: each one goes to everybody. */
  report(printer: PrinterId, capabilities: string, node: DeviceId): Promise<void>;
}

export function createPrinterCapabilities(options: {
  readonly store: CoordinatorStore;
  readonly directory: DirectoryKeeper;
  readonly perform: Perform;
  readonly fetchCapabilities: FetchCapabilities;
  readonly clock: Clock;
}): PrinterCapabilities {
  const { store, directory, perform, fetchCapabilities, clock } = options;
  const reported = new Map<PrinterId, number>();

  const keep = (id: PrinterId, capabilities: string, actor: string) =>
    perform(actor, async ({ tables, record, after }) => {
      const known = await tables.printers.get(id);
      if (known?.status !== 'approved') throw new LetterlockError('printer-not-approved');
      if (known.capabilities === capabilities) return;
      await tables.printers.setCapabilities(id, capabilities);
      record('printer.capabilities-changed', id, { bytes: capabilities.length });
      after(directory.refresh);
    });

  return {
    async ask(printer, actor) {
      const capabilities = await fetchCapabilities(printer, AbortSignal.timeout(2 * limits.connectSeconds * 1000));
      await keep(printer.id, capabilities, actor);
    },
    async report(id, capabilities, node) {
      if ((await store.tables.printers.get(id))?.capabilities === capabilities) return;
      const now = clock.now();
      if (now - (reported.get(id) ?? Number.NEGATIVE_INFINITY) < limits.capabilitiesSeconds * 1000) return;
      await keep(id, capabilities, `device:${node}`);
      reported.set(id, now);
    }
  };
}
