import type { Clock } from '../../base/clock.ts';
import type { Perform } from '../act.ts';
import type { CoordinatorStore } from '../store.ts';

/** A coordinator that shares its database writes down where it listens: the directory tells the machines. */
export async function registerCoordinator(options: {
  readonly store: CoordinatorStore;
  /** host:port each. */
  readonly address: { readonly device: string; readonly pairing: string; readonly web: string };
  readonly perform: Perform;
  readonly refreshDirectory: () => Promise<void>;
  readonly clock: Clock;
}): Promise<void> {
  const { store, address, perform, refreshDirectory, clock } = options;
  if (!store.cluster) return;
  const url = `https://${address.device}`;
  await perform('coordinator', async ({ tables, record, after }) => {
    const added = await tables.coordinators.put({
      url,
      pairingUrl: `https://${address.pairing}`,
      webUrl: `https://${address.web}`,
      since: clock.now()
    });
    if (!added) return;
    record('coordinator.added', url);
    after(refreshDirectory);
  });
}
