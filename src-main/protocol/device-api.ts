import { z } from 'zod';
import {
  Custody,
  DeviceId,
  GrantId,
  JobId,
  JobState,
  PolicyReason,
  PrinterId,
  UserId
} from '../../src-preload/contract/index.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';
import { NodeCondition } from './node-condition.ts';
import { PrintedPages, PrintTerms } from './print-terms.ts';

/**
 * Device API of the coordinator: HTTPS/1.1, TLS 1.3 with client certificates. The calling device is known from the TLS
 * session only. All bodies are JSON; errors are `{ code, message, detail? }` with the HTTP status of the code.
 *
 *   GET  /v1/events                 newline-delimited JSON stream of `CoordinatorEvent`, for as long as the device is connected
 *   POST /v1/presence               Presence                 → {}                      (nodes: where I listen)
 *   POST /v1/certificate            RenewCertificate         → RenewedCertificate      (anybody who is approved)
 *   POST /v1/jobs                   RegisterJob              → {}                      (client, or node with a session; idempotent)
 *   POST /v1/jobs/:job/holders      { receipt: Signed }      → {}                      (receipt of a further replica; owner device or node)
 *   POST /v1/jobs/:job/cancel       {}                       → {}                      (owner device, or { session } of the owner)
 *   POST /v1/jobs/:job/ticket       TicketTaken              → {}                      (strict custody: the device that printed the job)
 *   POST /v1/sessions               SignIn                   → Session                 (station, client; node where shared printers are allowed)
 *   POST /v1/sessions/end           { session }              → {}
 *   POST /v1/sessions/jobs          { session }              → { jobs: SessionJob[] }
 *   POST /v1/grants                 GrantRequest             → GrantBundle             (station, client)
 *   POST /v1/approvals/:grant       Approval                 → {}                      (strict custody: the device that printed the job)
 *   POST /v1/grants/:grant/start    {}                       → {}                      (the granted node, before the first byte; refuses when fenced off)
 *   POST /v1/grants/:grant/outcome  Outcome                  → {}                      (the granted node; idempotent)
 *   POST /v1/printers/:printer/capabilities { capabilities } → {}             (nodes: what the printer says of itself now)
 *   POST /v1/erasures               { receipt: Signed }      → {}                      (holders)
 *   POST /v1/erasures/outstanding   {}                       → { orders: Signed[] }    (nodes: what this one has still to erase)
 */
const Time = z.iso.datetime();

const MemberReport = z.object({ id: DeviceId, state: z.enum(['alive', 'suspect', 'dead', 'left']) });
export type MemberReport = z.infer<typeof MemberReport>;

export const Presence = z.object({
  url: z.string().max(256).nullable(),
  /** Nodes: what the machine says of itself. Shown to administrators, kept nowhere. */
  condition: NodeCondition.optional().catch(undefined),
  /** Nodes: whom they take for what, the same. */
  members: z.array(MemberReport).max(limits.reportedMembers).optional()
});
export type Presence = z.infer<typeof Presence>;

/** `csr`: PKCS#10 PEM, for a new TLS key. */
export const RenewCertificate = z.object({ csr: z.string().max(limits.csr) });
export const RenewedCertificate = z.object({ certificate: z.string().max(limits.csr) });

/** A node's word that it holds a replica durably: after fsync, with the digest that it computed. Kind `holding`. */
export const HoldingReceipt = z.object({
  job: JobId,
  node: DeviceId,
  sha256: z.string(),
  blobSize: z.number().int(),
  at: Time
});
export type HoldingReceipt = z.infer<typeof HoldingReceipt>;

/** A node's word that nothing of a job is left there. Kind `erasure`. `outside`: a cloud node, and the job may not lie there any more. */
export const ErasureReceipt = z.object({
  job: JobId,
  node: DeviceId,
  reason: z.enum(['completed', 'canceled', 'expired', 'outside']),
  at: Time
});
export type ErasureReceipt = z.infer<typeof ErasureReceipt>;

/** The coordinator's order to erase a job everywhere. Kind `erase`. */
export const EraseOrder = z.object({ job: JobId, reason: z.enum(['completed', 'canceled', 'expired']), at: Time });
export type EraseOrder = z.infer<typeof EraseOrder>;

/**
 * `manifest`: public part only, kind `manifest`. `jobPart`: J, HPKE-sealed to the coordinator's sealing key; null in strict
 * custody, where it stays on the device that printed the job.
 */
export const RegisterJob = z.object({
  manifest: Signed,
  jobPart: Sealed.nullable(),
  receipts: z.array(Signed).max(8),
  /** Of the user who signed in at a shared printer; absent: the job is its device's owner's. */
  session: z.string().max(128).optional()
});

export const PrinterReport = z.object({ capabilities: base64url(1, limits.capabilities) });

const Pin = z.string().regex(/^\d{4,32}$/);
/** By name and PIN, or by badge, with the PIN where the policy wants it. */
export const SignIn = z.union([
  z.object({ user: z.string().min(1).max(128), pin: Pin }),
  z.object({ badge: z.string().min(4).max(128), pin: Pin.optional() })
]);
export type SignIn = z.infer<typeof SignIn>;
export const Session = z.object({
  session: z.string(),
  expires: Time,
  user: z.object({ id: UserId, name: z.string() })
});
export const SessionJob = z.object({
  id: JobId,
  /** Whose it is, when it is somebody else's who lets the user release it. */
  owner: z.string().optional(),
  state: JobState,
  size: z.number(),
  created: Time,
  expires: Time,
  holders: z.array(DeviceId),
  custody: Custody.default('standard'),
  /** Key of the sealed title, HPKE-sealed to the asking device. Null when the job part is gone, and in strict custody. */
  metadataKey: Sealed.nullable()
});
export type SessionJob = z.infer<typeof SessionJob>;

export const GrantRequest = z.object({
  session: z.string(),
  job: JobId,
  printer: PrinterId,
  node: DeviceId,
  acceptSecondCopy: z.boolean().default(false),
  /** Strict custody: the requester has the job part from a release ticket, so that the device which printed the job is not asked. */
  ticket: z.boolean().default(false)
});

/** The owner takes a release ticket: when it ends. What is in it stays between owner and device. */
export const TicketTaken = z.object({ session: z.string().max(128), expires: Time });

/** Kind `grant`. Works once, at one node, for one printer, for seconds. `fence` grows with every claim of the job. */
export const Grant = z.object({
  id: GrantId,
  job: JobId,
  node: DeviceId,
  printer: PrinterId,
  user: UserId,
  requestedBy: DeviceId,
  fence: z.number().int(),
  issued: Time,
  expires: Time,
  /** What the policy asks of the print, for the node to check. */
  terms: PrintTerms.optional(),
  /** Earlier releases of the job that ended uncertain, and a person wants it all the same: whoever holds a claim of them lets this one have it. */
  follows: z.array(GrantId).max(limits.followedGrants).optional()
});
export type Grant = z.infer<typeof Grant>;

/**
 * `parts`: J and O, HPKE-sealed to the node; in strict custody O alone, and `jobPart` is J, sealed to the node by the device
 * that printed the job, or by the requester out of a release ticket. The requester passes the whole bundle to the node and can open none of it.
 */
export const GrantBundle = z.object({
  grant: Signed,
  parts: Sealed,
  jobPart: Sealed.optional(),
  /** With an offline grant (kind `offline-grant`, protocol/offline.ts): the coordinator's word that its station may give one. */
  permit: Signed.optional()
});
export type GrantBundle = z.infer<typeof GrantBundle>;

/**
 * Strict custody: somebody wants a job printed that only the device which printed it can let go. `id` is the id of the grant
 * that follows an approval.
 */
export const ApprovalRequest = z.object({
  id: GrantId,
  job: JobId,
  node: DeviceId,
  printer: PrinterId,
  /** Where the owner is signed in. */
  requestedBy: DeviceId,
  /** Name of the colleague who is signed in there instead of the owner. */
  delegate: z.string().optional(),
  expires: Time
});
export type ApprovalRequest = z.infer<typeof ApprovalRequest>;

/** J, HPKE-sealed to the node under the grant; null: not approved. */
export const Approval = z.object({ jobPart: Sealed.nullable() });

/** failed: certainly nothing was printed, the job is held again. uncertain: a person decides. */
export const Outcome = z.object({
  result: z.enum(['delivered', 'completed', 'failed', 'uncertain']),
  code: z.string().optional(),
  /** Public: what the printer said, such as an IPP status. */
  detail: z.string().max(500).optional(),
  printerJob: z.number().int().optional(),
  /** With `completed`: what was printed. */
  printed: PrintedPages.optional(),
  /** With the code `policy-refused`: which term of the grant it was. */
  refused: PolicyReason.pick({ rule: true, version: true })
    .extend({ effect: z.string().max(32) })
    .optional()
});
export type Outcome = z.infer<typeof Outcome>;

/** Machines that are approved no more from that version of the directory on. Kind `dropped`. */
export const Dropped = z.object({
  devices: z.array(DeviceId).min(1).max(limits.droppedDevices),
  version: z.int().min(1)
});
export type Dropped = z.infer<typeof Dropped>;

export const CoordinatorEvent = z.discriminatedUnion('type', [
  /** First on every connection, then on each change. */
  z.object({ type: z.literal('directory'), directory: Signed, online: z.array(DeviceId) }),
  /** Ahead of a directory, which is long and takes its time among thousands: whom it will not have any more. */
  z.object({ type: z.literal('dropped'), word: Signed }),
  /** Who is connected now: sent when it changes. */
  z.object({ type: z.literal('online'), online: z.array(DeviceId) }),
  /** To holders: on connect all that is outstanding, then as it happens. */
  z.object({ type: z.literal('erase'), order: Signed }),
  /** To the device that printed it; on connect all its jobs that are not final. */
  z.object({
    type: z.literal('job'),
    id: JobId,
    state: JobState,
    holders: z.array(DeviceId),
    printer: z.string().nullable(),
    code: z.string().optional(),
    /** Of `policy-refused`: the rule. */
    detail: z.string().max(500).optional()
  }),
  /** To nodes: the newest checkpoint of the audit log, to be kept. Kind `audit-checkpoint`. */
  z.object({ type: z.literal('audit-checkpoint'), checkpoint: Signed }),
  /** To the device that printed the jobs: all that wait for its word, on connect and at each change. */
  z.object({ type: z.literal('approvals'), requests: z.array(ApprovalRequest) }),
  /** To the device where the user was signed in: not any more. */
  z.object({ type: z.literal('session-ended'), user: UserId }),
  /** Every 10 s when nothing else is sent. */
  z.object({ type: z.literal('ping') })
]);
export type CoordinatorEvent = z.infer<typeof CoordinatorEvent>;
