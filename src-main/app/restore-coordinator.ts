import { systemClock } from '../base/clock.ts';
import type { Logger } from '../base/logger.ts';
import { type RestoreReport, restoreBackup } from '../coordinator/backup/restore-backup.ts';
import { fillCoordinatorStore, openCoordinatorStore } from '../storage/coordinator-store.ts';
import type { DatabaseOptions } from './coordinator-role.ts';

/** Makes a coordinator of a backup; none may run in `dataDir`, which must be empty, as must the database. */
export async function restoreCoordinator(options: {
  readonly dataDir: string;
  readonly sealed: AsyncIterable<Uint8Array>;
  readonly passphrase: string;
  readonly database: DatabaseOptions | undefined;
  readonly logger: Logger;
}): Promise<RestoreReport> {
  const { database, ...rest } = options;
  const embedded = { fillStore: fillCoordinatorStore, openStore: openCoordinatorStore };
  return restoreBackup({ ...rest, ...(database ? await onServer(database) : embedded), clock: systemClock });
}

async function onServer({ url, password }: DatabaseOptions) {
  const { fillPostgresStore, openPostgresStore } = await import('../storage/postgres-store.ts');
  return {
    fillStore: (_file: string, copy: Parameters<typeof fillPostgresStore>[1]) =>
      fillPostgresStore(url, copy, { password }),
    openStore: () => openPostgresStore(url, { password })
  };
}
