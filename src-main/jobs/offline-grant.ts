import { randomUUID } from 'node:crypto';
import type { z } from 'zod';
import { GrantId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { isoTime } from '../base/clock.ts';
import { LetterlockError } from '../base/errors.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import { type SealingKey, sealingKey } from '../identity/keys.ts';
import { signStatement } from '../identity/signed-statement.ts';
import type { GrantBundle, GrantRequest } from '../protocol/device-api.ts';
import type { Directory } from '../protocol/directory.ts';
import { type CapsuleContent, type OfflineGrant, permitDigest } from '../protocol/offline.ts';
import { decide, PolicyRefused } from '../protocol/policy.ts';
import { type PrintTerms, termsOf } from '../protocol/print-terms.ts';
import { siteOf } from '../protocol/sites.ts';
import { watermarkTerm } from '../protocol/watermark.ts';
import { openEscrow } from '../sealing/escrow.ts';
import type { Manifest } from '../sealing/manifest.ts';
import { organizationPart, sealReleaseParts } from '../sealing/release-parts.ts';
import type { OpenCapsule } from './offline-capsule.ts';
import type { OfflineUser } from './offline-sign-in.ts';
import type { JobsIdentity, JobsOrganization } from './port.ts';

/**
 * A station's grant in place of the coordinator's: for one node, one printer and some seconds, after the policy as the directory
 * has it, with both parts of the key sealed to the node. That the job is printed once is not for the station to say: the node asks
 * the job's voters. Throws as the coordinator would, and `offline-refused`.
 */
export async function grantOffline(options: {
  readonly request: Omit<z.infer<typeof GrantRequest>, 'session'>;
  readonly user: OfflineUser;
  readonly manifest: Manifest;
  readonly capsule: OpenCapsule;
  readonly fence: () => Promise<number>;
  readonly identity: JobsIdentity;
  readonly organization: JobsOrganization;
  readonly now: number;
}): Promise<z.infer<typeof GrantBundle>> {
  const { request, user, manifest, capsule, identity, organization, now } = options;
  const directory = organization.directory();
  if (!directory) throw new LetterlockError('coordinator-unreachable');
  if (Date.parse(manifest.expires) <= now) throw new LetterlockError('job-expired');
  const terms = termsFor({ directory, user, manifest, request, now });
  const node = organization.device(request.node);
  if (!node?.roles.includes('node')) throw new LetterlockError('device-not-approved', 'node');

  const grant: OfflineGrant = {
    v: 1,
    id: GrantId.parse(randomUUID()),
    job: manifest.job,
    node: node.id,
    printer: request.printer,
    user: user.id,
    requestedBy: identity.id,
    fence: await options.fence(),
    issued: isoTime(now),
    expires: isoTime(now + limits.grantSeconds * 1000),
    terms,
    permit: permitDigest(capsule.permit)
  };
  const parts = await openParts(manifest, capsule.content);
  try {
    const to = { job: manifest.job, grant: grant.id, node: { id: node.id, sealingPublicKey: decoded(node.sealing) } };
    return {
      grant: await signStatement('offline-grant', grant, { id: identity.id, key: identity.signing }),
      parts: await sealReleaseParts(parts, to),
      permit: capsule.permit
    };
  } finally {
    wipe(parts.jobPart, parts.organizationPart);
  }
}

function termsFor(of: {
  readonly directory: Directory;
  readonly user: OfflineUser;
  readonly manifest: Manifest;
  readonly request: { readonly printer: z.infer<typeof GrantRequest>['printer'] };
  readonly now: number;
}): PrintTerms {
  const { directory, user, manifest, request, now } = of;
  const printer = directory.printers.find(({ id }) => id === request.printer);
  if (!printer) throw new LetterlockError('printer-not-approved');
  const { policy: settings, rules } = directory;
  const site = siteOf(directory, printer);
  const subject = { user: user.id, groups: user.groups, site, printer: printer.id };
  const policy = { version: rules?.version ?? 0, settings, rules: rules?.list ?? [] };
  const decisions = decide(policy, subject);
  if (decisions.print.value === 'deny') throw new PolicyRefused('print', decisions.print);
  const secure = printer.uri.startsWith('ipps://') && printer.certificateSha256 !== null;
  if ([manifest.deliveryGrade, decisions.deliveryGrade.value].includes('ipps-required') && !secure)
    throw new LetterlockError('printer-not-secure');
  const terms = termsOf(decisions, user.pages);
  if (terms.pages?.left === 0) throw new PolicyRefused('pagesPerMonth', decisions.pagesPerMonth);
  const facts = { user: user.name, printer: printer.name, job: manifest.job, now };
  return { ...terms, ...watermarkTerm(decisions, facts) };
}

/** J out of its escrow and O out of the manifest. Throws `offline-refused` where the capsule has no key for them. */
async function openParts(manifest: Manifest, content: CapsuleContent) {
  const jobPart = await openJobPartOf(manifest, content);
  const organization = await organizationPart(keyOf(content.releaseKeys, manifest.releaseKeyEpoch), manifest);
  return { jobPart, organizationPart: organization };
}

/** J, 32 bytes; wipe it after use. */
export function openJobPartOf({ escrow, job }: Manifest, { offlineKeys }: CapsuleContent): Promise<Uint8Array> {
  if (!escrow) throw new LetterlockError('offline-refused', 'its job part is not escrowed');
  return openEscrow(escrow, job, keyOf(offlineKeys, escrow.epoch));
}

function keyOf(keys: CapsuleContent['releaseKeys'], epoch: number): SealingKey {
  const found = keys.find((key) => key.epoch === epoch);
  if (!found) throw new LetterlockError('offline-refused', 'this station has no key for it');
  const privateKey = decoded(found.privateKey);
  try {
    return sealingKey(privateKey);
  } finally {
    wipe(privateKey);
  }
}
