import { z } from 'zod';
import { DeviceId, JobId } from '../../src-preload/contract/index.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';
import { GrantBundle } from './device-api.ts';
import { NodeCondition } from './node-condition.ts';

/**
 * API of a mesh node: HTTPS/1.1, mutually authenticated TLS 1.3, one kept-alive connection per peer. Caller known from the
 * TLS session and checked against the directory at every request.
 *
 *   PUT    /v1/replicas/:job/blob     the blob as it is being sealed (application/octet-stream, chunked or known length)
 *                                     → Stored, after fdatasync of the staged file
 *   POST   /v1/replicas/:job/commit   Commit → { receipt: Signed<HoldingReceipt> }; checks manifest signature, size and digest; rename, fsync folder
 *   GET    /v1/replicas/:job          → ReplicaInfo     (any approved device that is not revoked: it is all sealed)
 *   POST   /v1/replicas/:job/reseal   { to: DeviceId } → { receipt: Signed<HoldingReceipt> } of the new holder (device that printed the job, or a node)
 *                                     With Content-Range: bytes <first>-<size - 1>/<size> it may be continued when it breaks (RFC 9110 14.5)
 *   GET    /v1/replicas/:job/blob     → UploadOffset    (the uploading device): bytes of it that are durable here
 *   POST   /v1/replicas/:job/holders  Holders → {}      (client or node; each receipt is checked): who else holds the job
 *   POST   /v1/mesh/sync              RepairMessage → RepairReply, see repair.ts (nodes)
 *   DELETE /v1/replicas/:job/blob     gives up a staged upload (the uploading device)
 *   POST   /v1/releases               GrantBundle → newline-delimited JSON stream of `ReleaseEvent` (the grant's requester),
 *                                     with a line { type: 'ping' } every 10 s so that silence means that the node is gone
 *   GET    /v1/health                 → Health          (any approved device)
 */
export const Stored = z.object({ sha256: z.string(), blobSize: z.number().int() });
export type Stored = z.infer<typeof Stored>;

export const UploadOffset = z.object({ offset: z.int().min(0) });

/** `metadata`: sealed, base64url. `sealedKey`: W, HPKE-sealed to this node. */
export const Commit = z.object({ manifest: Signed, metadata: z.string(), sealedKey: Sealed });
export type Commit = z.infer<typeof Commit>;

export const ReplicaInfo = z.object({ manifest: Signed, metadata: z.string() });
export type ReplicaInfo = z.infer<typeof ReplicaInfo>;

/** Absent: an older node; one that cannot be read, of a later version, is as good as absent. */
export const Health = z.object({ condition: NodeCondition.optional().catch(undefined) });
export type Health = z.infer<typeof Health>;

export const Reseal = z.object({ to: DeviceId });
export const ReleaseRequest = GrantBundle;

export const ReleaseEvent = z.discriminatedUnion('type', [
  z.object({ type: z.literal('started'), job: JobId, bytes: z.number() }),
  z.object({ type: z.literal('progress'), bytes: z.number() }),
  /** The printer has the whole job. */
  z.object({ type: z.literal('delivered') }),
  /** The printer says that it is printed. */
  z.object({ type: z.literal('completed') }),
  z.object({ type: z.literal('failed'), code: z.string(), detail: z.string().optional(), uncertain: z.boolean() })
]);
export type ReleaseEvent = z.infer<typeof ReleaseEvent>;
