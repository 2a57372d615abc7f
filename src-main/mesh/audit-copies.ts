import { join } from 'node:path';
import { readJson, writeJsonAtomic } from '../base/atomic-file.ts';
import { limits } from '../base/limits.ts';
import type { Logger } from '../base/logger.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import type { Organization } from '../organization/organization.ts';
import { AuditCheckpoint, AuditCopy } from '../protocol/audit.ts';

/**
 * What this node keeps of the coordinator's audit log: signed checkpoints, the newest ones close together, older ones farther
 * apart, none ever replaced. One that goes back, or says something else of the same row, is refused and kept as evidence.
 */
export interface AuditCopies {
  /** What was given last is on the disk. */
  close(): Promise<void>;
}

export async function openAuditCopies(options: {
  readonly dataDir: string;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly logger: Logger;
}): Promise<AuditCopies> {
  const { dataDir, identity, organization, logger } = options;
  const { coordinator } = identity.enrollment;
  const found = await readAuditCopy(dataDir).catch((error) => {
    logger.error({ error }, 'the kept checkpoints of the audit log are damaged and were set aside');
    return null;
  });
  const isOurs = found?.organization === identity.organization.id && found.coordinator.signing === coordinator.signing;
  let copy: AuditCopy = isOurs ? found : { ...nothing, ...ofOurs(identity) };
  let saved = copy;
  let saving: Promise<void> | undefined;

  /** One write at a time; whatever came meanwhile goes with the next. */
  async function save(): Promise<void> {
    while (copy !== saved) {
      const next = copy;
      await writeJsonAtomic(fileIn(dataDir), next).catch((error: unknown) =>
        logger.warn({ error }, 'a checkpoint of the audit log could not be kept')
      );
      saved = next;
    }
    saving = undefined;
  }

  const off = organization.onAuditCheckpoint((checkpoint, signed) => {
    const { checkpoints } = copy;
    const newest = checkpoints.at(-1);
    const before = newest && openedBy(identity, newest);
    if (before?.sequence === checkpoint.sequence && before.hash === checkpoint.hash) return;
    if (before && checkpoint.sequence <= before.sequence) {
      logger.error({ kept: before.sequence, given: checkpoint.sequence }, 'the audit log of the coordinator went back');
      copy = { ...copy, refused: signed };
    } else copy = { ...copy, checkpoints: [...thinned(checkpoints), signed] };
    saving ??= save();
  });

  return {
    async close() {
      off();
      await saving;
    }
  };
}

/** As it lies on the disk; null: this node has been given none. Throws `storage-damaged`. */
export const readAuditCopy = (dataDir: string): Promise<AuditCopy | null> => readJson(fileIn(dataDir), AuditCopy);

const nothing = { checkpoints: [], refused: null };
const ofOurs = ({ organization, enrollment: { coordinator } }: DeviceIdentity) => ({
  organization: organization.id,
  coordinator: { id: coordinator.id, signing: coordinator.signing }
});

const fileIn = (dataDir: string): string => join(dataDir, 'audit-copies.json');

/** When there is no room for one more, every second of the older half goes: the farther back, the farther apart. */
function thinned(checkpoints: readonly Signed[]): Signed[] {
  if (checkpoints.length < limits.auditCopies) return [...checkpoints];
  return checkpoints.filter((_, i) => i >= checkpoints.length / 2 || i % 2 === 0);
}

const openedBy = ({ enrollment: { coordinator } }: DeviceIdentity, signed: Signed): AuditCheckpoint =>
  openStatement({
    kind: 'audit-checkpoint',
    signed,
    publicKey: decoded(coordinator.signing),
    schema: AuditCheckpoint,
    maxBytes: 1024,
    code: 'certificate-invalid'
  });
