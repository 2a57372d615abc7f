import { join } from 'node:path';
import { z } from 'zod';
import { readJson } from '../base/atomic-file.ts';
import { decoded } from '../identity/base64url.ts';
import { Signed } from '../identity/signed-statement.ts';
import type { AuditCopy } from '../protocol/audit.ts';
import { Directory } from '../protocol/directory.ts';

/**
 * The checkpoint of the audit log in the directory that this machine keeps: evidence for machines that are no nodes. As it
 * lies on the disk, verified when it came. Null: not paired, or none yet.
 */
export async function readAuditCopyInDirectory(dataDir: string): Promise<AuditCopy | null> {
  const file = await readJson(join(dataDir, 'directory.json'), File, { damaged: 'keep' });
  if (!file) return null;
  const text = Buffer.from(decoded(file.directory.payload)).toString();
  const { organization, coordinator, auditHead } = Directory.parse(JSON.parse(text));
  return {
    organization: organization.id,
    coordinator: { id: coordinator.id, signing: coordinator.signing },
    checkpoints: auditHead ? [auditHead] : [],
    refused: null
  };
}

const File = z.object({ directory: Signed });
