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
 * Where a job part that this device keeps leaves it for a node: sealed to the node of an agreement, of use under that grant and for
 * that printer only. To be called when the owner has agreed on this device. Throws `key-destroyed`, `device-not-approved`.
 */
export async function letGo(
  record: JobRecord,
  agreement: Agreement,
  { identity, organization }: Ports
): Promise<Sealed> {
  const jobPart = await openKept(record, identity);
  try {
    return await sealUnder(agreement, jobPart, organization);
  } finally {
    wipe(jobPart);
  }
}

/** For a release that is asked for here: the coordinator's grant must be what was asked for. Throws `grant-invalid`. */
export const letGoUnder = async (signed: Signed, record: JobRecord, asked: Asked, ports: Ports): Promise<Sealed> =>
  letGo(record, agreementOf(signed, { ...asked, job: record.id }, ports.organization), ports);

/** J of a job that this device keeps, 32 bytes; wipe it after use. Throws `key-destroyed`. */
export async function openKept(
  { id: job, jobPart: kept }: JobRecord,
  identity: Ports['identity']
): Promise<Uint8Array> {
  if (!kept) throw new LetterlockError('key-destroyed', 'job part');
  return openJobPart(kept, { job, custodian: { id: identity.id, key: identity.sealing } });
}

/** J to the node of an agreement. Throws `device-not-approved`. */
export async function sealUnder(
  { grant, job, node, printer }: Agreement,
  jobPart: Uint8Array,
  organization: Ports['organization']
): Promise<Sealed> {
  const device = organization.device(node);
  if (!device?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');
  return sealReleasedJobPart(jobPart, { job, grant, printer, node: recipientOf(device) });
}

/** What a grant of the coordinator allows, if it is what was asked for. Throws `grant-invalid`. */
export function agreementOf(
  signed: Signed,
  asked: Asked & { readonly job: JobId },
  organization: Ports['organization']
): Agreement {
  const coordinator = organization.directory()?.coordinator;
  if (!coordinator || signed.signer !== coordinator.id) throw new LetterlockError('grant-invalid', 'signer');
  const { id, job, node, printer } = openStatement({
    kind: 'grant',
    signed,
    publicKey: decoded(coordinator.signing),
    schema: Grant,
    maxBytes: 4096,
    code: 'grant-invalid'
  });
  if (job !== asked.job || node !== asked.node || printer !== asked.printer)
    throw new LetterlockError('grant-invalid', 'not what was asked for');
  return { grant: id, job, node, printer };
}

interface Asked {
  readonly node: DeviceId;
  readonly printer: PrinterId;
}
