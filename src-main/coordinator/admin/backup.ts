import type { Backup } from '../backup/create-backup.ts';
import type { AdminArea } from './area.ts';

export interface BackupHandlerOptions {
  readonly backup: Backup;
}

export const backupHandlers = ({ backup }: BackupHandlerOptions): AdminArea<'backup'> => ({
  'admin.backup.create': ({ path, passphrase }, actor) => backup.create(path, passphrase, actor)
});
