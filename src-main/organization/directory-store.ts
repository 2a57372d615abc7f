import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import { Signed } from '../identity/signed-statement.ts';
import { Directory } from '../protocol/directory.ts';
import type { Enrollment } from '../protocol/pairing-api.ts';
import { openCoordinatorStatement } from './coordinator-statement.ts';

/** The newest directory that this machine has seen. It is verified whenever it is read, and never replaced by an older one. */
export interface DirectoryStore {
  current(): Directory | null;
  /** When the coordinator last confirmed it, milliseconds since the epoch. */
  verifiedAt(): number | null;
  /** Verifies, keeps it on disk, then makes it current. Throws `certificate-invalid` or `conflict`: the old one stays. */
  accept(signed: Signed, now: number): Promise<void>;
}

const File = z.strictObject({ v: z.literal(1), verifiedAt: z.number(), directory: Signed });

/** A damaged file is set aside: the coordinator sends another directory. */
export async function openDirectoryStore(options: {
  readonly enrollment: Enrollment;
  readonly dataDir: string;
  readonly logger: Logger;
}): Promise<DirectoryStore> {
  const { enrollment, dataDir, logger } = options;
  const path = join(dataDir, 'directory.json');

  function verified(signed: Signed): Directory {
    const directory = openCoordinatorStatement(enrollment, 'directory', Directory, signed);
    if (directory.organization.id === enrollment.organization.id) return directory;
    throw new LetterlockError('certificate-invalid', 'directory of another organization');
  }

  async function stored(): Promise<{ directory: Directory; verifiedAt: number } | null> {
    try {
      const file = await readJson(path, File);
      return file && { directory: verified(file.directory), verifiedAt: file.verifiedAt };
    } catch (error) {
      logger.warn({ error }, 'directory on disk not usable');
      return null;
    }
  }

  let known = await stored();
  return {
    current: () => known?.directory ?? null,
    verifiedAt: () => known?.verifiedAt ?? null,
    async accept(signed, now) {
      const directory = verified(signed);
      if (known && isOlder(directory, known.directory)) {
        throw new LetterlockError('conflict', `directory ${directory.version} after ${known.directory.version}`);
      }
      await writeJsonAtomic(path, { v: 1, verifiedAt: now, directory: signed }).catch((error: unknown) => {
        // On a full disk the machine goes on with what it knows now.
        logger.error({ error }, 'directory not kept');
      });
      known = { directory, verifiedAt: now };
    }
  };
}

/** A coordinator may sign the same version again later. */
const isOlder = (next: Directory, last: Directory): boolean =>
  next.version < last.version || (next.version === last.version && Date.parse(next.issued) < Date.parse(last.issued));
