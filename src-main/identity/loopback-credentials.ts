import { randomBytes } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { utf8 } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import type { Logger } from '../base/logger.ts';
import type { SecretStore } from './safe-secret.ts';

/** As a device URI can hold them without escapes. */
export interface LoopbackCredentials {
  readonly user: string;
  /** 192 random bits. */
  readonly password: string;
}

/**
 * What the queue in the operating system's print system shows to the loopback printer: one pair for an installation, made at its
 * first start. If it can't be read any more another one is made, and the queue is to be repaired. Throws what the file
 * system throws.
 */
export async function openLoopbackCredentials({
  dataDir,
  secrets,
  logger
}: {
  readonly dataDir: string;
  readonly secrets: SecretStore;
  readonly logger: Logger;
}): Promise<LoopbackCredentials> {
  const folder = join(dataDir, 'loopback');
  const path = join(folder, 'credentials.json');
  await mkdir(folder, { recursive: true, mode: 0o700 });
  try {
    const stored = await readJson(path, CredentialsFile);
    if (stored) {
      const password = Buffer.from(await secrets.reveal(Buffer.from(stored.password, 'base64'))).toString('utf8');
      return { user: stored.user, password };
    }
  } catch (error) {
    if (!(error instanceof LetterlockError) || error.code !== 'storage-damaged') throw error;
    logger.warn({ error }, 'the credentials of the virtual printer are lost and made anew');
  }
  const credentials = { user: 'letterlock', password: randomBytes(24).toString('base64url') };
  const protectedPassword = Buffer.from(await secrets.protect(utf8(credentials.password))).toString('base64');
  await writeJsonAtomic(path, { user: credentials.user, password: protectedPassword });
  return credentials;
}

/** `password`: as the secret store gave it, base64. */
const CredentialsFile = z.object({ user: z.string().min(1).max(64), password: z.base64() });
