import { isoTime } from '../../../src-main/base/clock.ts';
import type { Signed } from '../../../src-main/identity/signed-statement.ts';
import type { HeldReplica } from '../../../src-main/mesh/repair/port.ts';
import { simulatedStatements } from '../../../src-main/mesh/testing/members.ts';
import { EraseOrder, HoldingReceipt } from '../../../src-main/protocol/device-api.ts';
import type { DeviceId, GrantId, JobId } from '../../../src-preload/contract/ids.ts';

/** What is signed about jobs, with marks in place of signatures (mesh/testing/members.ts): hundreds of worlds a minute, no liars in them. */
export const signReceipt = (job: JobId, node: DeviceId, held: HeldReplica, at: number): Promise<Signed> => {
  const { sha256, blobSize } = held;
  const receipt: HoldingReceipt = { job, node, sha256, blobSize, at: isoTime(at) };
  return signAs(node, 'holding', receipt);
};
export const openReceipt = (signed: Signed): HoldingReceipt => openAs('holding', signed, HoldingReceipt);

export const signOrder = (
  job: JobId,
  coordinator: DeviceId,
  reason: EraseOrder['reason'],
  at: number
): Promise<Signed> => signAs(coordinator, 'erase', { job, reason, at: isoTime(at) } satisfies EraseOrder);
export const openOrder = (signed: Signed): EraseOrder => openAs('erase', signed, EraseOrder);

type Schema = typeof EraseOrder | typeof HoldingReceipt;
const signAs = (id: DeviceId, kind: string, value: unknown) => simulatedStatements(id).sign(kind as 'member', value);

/** A release, as its grant says: of the coordinator, or of a station that could not ask it. */
export interface Granted {
  readonly grant: GrantId;
  readonly job: JobId;
  readonly fence: number;
  readonly station: DeviceId | null;
}
/** Nobody forges grants here: a stand-in for the signature is enough. */
export const signGrant = (granted: Granted, node: DeviceId): Signed => ({
  kind: granted.station ? 'offline-grant' : 'grant',
  payload: Buffer.from(JSON.stringify({ ...granted, node })).toString('base64url'),
  signer: granted.station ?? node,
  signature: 'grant'
});
export const openGrant = ({ payload }: Signed): Granted & { readonly node: DeviceId } =>
  JSON.parse(Buffer.from(payload, 'base64url').toString());

const openAs = <S extends Schema>(kind: string, signed: Signed, schema: S) =>
  simulatedStatements(signed.signer).open(kind as 'member', signed, schema) as ReturnType<S['parse']>;
