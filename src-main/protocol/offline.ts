import { createHash } from 'node:crypto';
import { z } from 'zod';
import { DeviceId, GrantId, JobId, UserGroupId, UserId } from '../../src-preload/contract/index.ts';
import { toBase64url, utf8 } from '../base/bytes.ts';
import { limits } from '../base/limits.ts';
import { base64url, decoded } from '../identity/base64url.ts';
import { Sealed } from '../identity/hpke.ts';
import { Signed } from '../identity/signed-statement.ts';
import { Grant } from './device-api.ts';

/**
 * Releases while the coordinator cannot be reached: what it gives to stations beforehand, what a station then signs, how a job's
 * one claim is taken among nodes, and how all of that is told afterwards. docs/spec/sealing.md, "Without the coordinator".
 *
 *   POST /v1/offline/capsule   {}               → Capsule          (device API; stations that are nothing else)
 *   POST /v1/offline/records   OfflineRecord    → {}               (device API; the node that delivered)
 *   POST /v1/offline/claims    { claims }       → { over: [...] }  (device API; nodes: which of my claims are over?)
 *   GET  /v1/replicas?owner=   → OwnersReplicas                    (node API; stations)
 *   POST /v1/mesh/claims       ClaimMessage     → ClaimReply       (node API; nodes)
 */
const Time = z.iso.datetime();
const v = z.literal(1);

/** The coordinator's word that a station may release until then. Kind `offline-permit`; shown to nodes with each grant. */
export const OfflinePermit = z.object({
  v,
  station: DeviceId,
  issued: Time,
  expires: Time,
  /** SHA-256 of the sealed capsule that it came with. */
  capsule: base64url(32)
});
export type OfflinePermit = z.infer<typeof OfflinePermit>;

/** `key`: 32 bytes, HPKE-sealed to the station. `content`: a `CapsuleContent` under it. */
export const Capsule = z.object({ permit: Signed, key: Sealed, content: base64url(16, limits.capsule) });
export type Capsule = z.infer<typeof Capsule>;

/** PKCS#8 DER. */
const PrivateKey = z.object({ epoch: z.int(), privateKey: base64url(32, 256) });

/** What a station needs to let people in and to open two of a job's three parts; the third lies with the holders alone. */
export const CapsuleContent = z.object({
  v,
  /** Private halves: of the release key in use and of those that open jobs need. */
  releaseKeys: z.array(PrivateKey),
  offlineKeys: z.array(PrivateKey),
  /** Key of the badges' HMAC; null where badges do not sign in. */
  badgeKey: base64url(32).nullable(),
  users: z.array(
    z.object({
      id: UserId,
      name: z.string(),
      /** `nameKey` of the name. */
      key: z.string(),
      /** argon2id, PHC string; null: no PIN. */
      pin: z.string().nullable(),
      /** Milliseconds; null: stays. */
      expires: z.number().nullable(),
      badges: z.array(z.string()),
      groups: z.array(UserGroupId),
      /** Printed sides this month, where a rule counts them. */
      pages: z.int()
    })
  )
});
export type CapsuleContent = z.infer<typeof CapsuleContent>;

/** Kind `offline-grant`, signed by a station. Otherwise as a grant of the coordinator. */
export const OfflineGrant = Grant.extend({
  v,
  /** Digest of the permit under which it was given. */
  permit: base64url(32)
});
export type OfflineGrant = z.infer<typeof OfflineGrant>;

/** Names a permit. */
export const permitDigest = ({ payload }: Signed): string =>
  toBase64url(createHash('sha256').update(decoded(payload)).digest());

/**
 * Fences of offline grants are above those of the coordinator, which counts from 1, and go on in seconds, so that a station which
 * lost its memory does not begin anew.
 */
const fenceBase = 1_000_000_000;
const epoch2026 = Date.UTC(2026, 0, 1);
export const offlineFence = (now: number, last: number): number =>
  Math.max(last + 1, fenceBase + Math.floor(Math.max(0, now - epoch2026) / 1000));

export const ClaimMessage = z.discriminatedUnion('type', [
  /** The delivering node asks a voter for the job's claim. `permit`: with an offline grant. → `claimed` */
  z.object({ v, type: z.literal('claim'), grant: Signed, permit: Signed.optional(), manifest: Signed }),
  /** By the same node: certainly nothing was printed under this grant, and nothing will be. → `over` */
  z.object({ v, type: z.literal('over'), job: JobId, grant: GrantId })
]);
export type ClaimMessage = z.infer<typeof ClaimMessage>;
export type ClaimRequest = Extract<ClaimMessage, { type: 'claim' }>;

/** `unsupported`: to a newer version; the highest that is known. A refusal is an error: `claim-elsewhere`, `offline-refused`, `conflict`. */
export const ClaimReply = z.discriminatedUnion('type', [
  z.object({ v, type: z.literal('claimed') }),
  z.object({ v, type: z.literal('over') }),
  z.object({ v: z.int(), type: z.literal('unsupported') })
]);
export type ClaimReply = z.infer<typeof ClaimReply>;

/** What a voter remembers of a job: whom it said yes to. */
export const Claim = z.object({
  job: JobId,
  grant: GrantId,
  node: DeviceId,
  fence: z.int(),
  /** The station; null: a grant of the coordinator. */
  station: DeviceId.nullable(),
  /** When the job's time is over. */
  expires: Time
});
export type Claim = z.infer<typeof Claim>;

/** A node's jobs of one user, as their signed manifests. `claimed`: this node has said yes to a release of it. */
export const OwnersReplicas = z.object({
  replicas: z.array(z.object({ manifest: Signed, claimed: z.boolean() })).max(limits.listedJobs)
});
export type OwnersReplicas = z.infer<typeof OwnersReplicas>;

/** A release that the coordinator did not see begin. How it ended is told as of any other grant, after this. */
export const OfflineRecord = z.object({ grant: Signed, permit: Signed });
export type OfflineRecord = z.infer<typeof OfflineRecord>;

export const OpenClaims = z.object({ claims: z.array(Claim.pick({ job: true, grant: true })).max(limits.openClaims) });
/** Of those asked about: what may be forgotten. */
export const ClaimsOver = z.object({ over: z.array(GrantId) });

/** HPKE context of a capsule's key, and the associated data of its content. */
export const capsuleContext = (station: DeviceId) => ({
  info: utf8('letterlock/v1/capsule'),
  aad: Buffer.from(station.replaceAll('-', ''), 'hex')
});
export const capsuleDigest = (content: string): string =>
  toBase64url(createHash('sha256').update(decoded(content)).digest());
