import type { DeviceId, GrantId, JobId, PrinterId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { Sealed } from '../identity/hpke.ts';
import { openStatement, type Signed } from '../identity/signed-statement.ts';
import { Grant } from '../protocol/device-api.ts';
import { openJobPart, sealReleasedJobPart } from '../sealing/release-parts.ts';
import type { JobRecord } from './job-record.ts';
import type { JobsPorts } from './port.ts';
import { recipientOf } from './replicas.ts';

type Ports = Pick<JobsPorts, 'identity' | 'organization'>;

/** What the owner of a job agrees to: this job, at this node, to this printer, once. */
export interface Agreement {
  readonly grant: GrantId;
  readonly job: JobId;
  readonly node: DeviceId;
  readonly printer: PrinterId;
}

/**
 * The one place where a job part that this device keeps leaves it: sealed to the node of an agreement, of use under that grant
 * and for that printer only. To be called when the owner has agreed on this device. Throws `key-destroyed`, `device-not-approved`.
 */
export async function letGo(
  { jobPart: kept }: JobRecord,
  { grant, job, node, printer }: Agreement,
  { identity, organization }: Ports
): Promise<Sealed> {
  if (!kept) throw new LetterlockError('key-destroyed', 'job part');
  const device = organization.device(node);
  if (!device?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');
  const jobPart = await openJobPart(kept, { job, custodian: { id: identity.id, key: identity.sealing } });
  try {
    return await sealReleasedJobPart(jobPart, { job, grant, printer, node: recipientOf(device) });
  } finally {
    wipe(jobPart);
  }
}

/** For a release that is asked for here: the coordinator's grant must be what was asked for. Throws `grant-invalid`. */
export function letGoUnder(
  signed: Signed,
  record: JobRecord,
  asked: { readonly node: DeviceId; readonly printer: PrinterId },
  ports: Ports
): Promise<Sealed> {
  const coordinator = ports.organization.directory()?.coordinator;
  if (!coordinator || signed.signer !== coordinator.id) throw new LetterlockError('grant-invalid', 'signer');
  const { id, job, node, printer } = openStatement({
    kind: 'grant',
    signed,
    publicKey: decoded(coordinator.signing),
    schema: Grant,
    maxBytes: 4096,
    code: 'grant-invalid'
  });
  if (job !== record.id || node !== asked.node || printer !== asked.printer)
    throw new LetterlockError('grant-invalid', 'not what was asked for');
  return letGo(record, { grant: id, job, node, printer }, ports);
}
