import { z } from 'zod';
import {
  DeliveryGrade,
  DeviceId,
  OrganizationId,
  PolicyRule,
  PolicyView,
  PrinterId,
  Role,
  UserGroupId,
  UserId
} from '../../src-preload/contract/index.ts';
import { limits } from '../base/limits.ts';
import { base64url } from '../identity/base64url.ts';
import { Signed } from '../identity/signed-statement.ts';

/**
 * The organization as its machines know it: who is approved, with which keys, where. Signed by the coordinator (kind
 * `directory`), replaced as a whole, newer `version` wins, never older. Being on the network permits nothing: a peer is
 * accepted when its certificate chains to the organization's authority AND its device id stands here as approved.
 */
const Key = z.string().length(43); // base64url of 32 bytes
const Time = z.iso.datetime();

export const DirectoryDevice = z.object({
  id: DeviceId,
  name: z.string(),
  roles: z.array(Role),
  status: z.enum(['approved', 'suspended', 'revoked']),
  /** Ed25519, raw. */
  signing: Key,
  /** X25519, raw. */
  sealing: Key,
  /** Where a node listens: https://host:port. Null for machines that do not listen. */
  url: z.string().nullable(),
  /** A node outside of the organization's network (cloud.ts). Absent: inside. */
  cloud: z.boolean().optional(),
  /** The user that a client prints for. */
  owner: UserId.nullable(),
  ownerName: z.string().nullable(),
  /** The owner's groups, as far as rules of the policy speak of them. Absent: none. */
  ownerGroups: z.array(UserGroupId).optional(),
  /** Absent: the first one, `site` of the directory. */
  site: z.string().optional()
});
export type DirectoryDevice = z.infer<typeof DirectoryDevice>;

export const DirectoryPrinter = z.object({
  id: PrinterId,
  name: z.string(),
  location: z.string(),
  uri: z.string(),
  grade: DeliveryGrade,
  /** SHA-256 of the DER certificate (hex) that an administrator approved; null: no TLS. */
  certificateSha256: z.string().nullable(),
  /** What it can do, as it says itself: IPP attributes (src-main/ipp/capabilities.ts) as their bytes, base64url. Null: not known. */
  capabilities: base64url(1, limits.capabilities).nullable().default(null),
  /** Absent: the first one, `site` of the directory. */
  site: z.string().optional()
});
export type DirectoryPrinter = z.infer<typeof DirectoryPrinter>;

/** The current key of a kind: new jobs are sealed to it. X25519, raw. */
const CurrentKey = z.object({ epoch: z.number().int(), publicKey: Key });

export const Directory = z.object({
  version: z.number().int(),
  issued: Time,
  organization: z.object({ id: OrganizationId, name: z.string() }),
  /** The first site, and the only one that machines from before there were several know; so are the keys below. */
  site: z.string(),
  coordinator: z.object({ id: DeviceId, signing: Key, sealing: Key }),
  /** PEM of the certificate authorities that count: first the one that issues now, then the one before while it still does. */
  authorities: z.string().max(limits.csr).optional(),
  /** Where it can be reached, https://host:port each, when it runs on several machines; none of them is more right than another. */
  coordinators: z.array(z.string()).default([]),
  /** Current release key (X25519, raw): new jobs encapsulate to it. */
  releaseKey: CurrentKey,
  /** Present while stations may release without the coordinator: new jobs escrow their job part to it (X25519, raw). */
  offlineKey: CurrentKey.optional(),
  /** Every site, the first one too, each with its own two keys. Absent: a coordinator that knows only one. */
  sites: z
    .array(z.object({ id: z.string(), name: z.string(), releaseKey: CurrentKey, offlineKey: CurrentKey.optional() }))
    .optional(),
  policy: PolicyView,
  /** Exceptions from it, and the version that both are. Absent: a coordinator without rules. */
  rules: z.object({ version: z.int(), list: z.array(PolicyRule) }).optional(),
  devices: z.array(DirectoryDevice),
  printers: z.array(DirectoryPrinter),
  /** The newest checkpoint of the audit log at that time: a copy for machines that are no nodes. Kind `audit-checkpoint`. */
  auditHead: Signed.optional()
});
export type Directory = z.infer<typeof Directory>;
