import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { Signed } from '../identity/signed-statement.ts';
import type { IppPrinter, openPrinter } from '../ipp/client.ts';
import type { Replica } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant, GrantBundle } from '../protocol/device-api.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { openReleasedParts, openReleaseParts, type ReleaseParts } from '../sealing/release-parts.ts';
import { type OpenedJob, openSealedJob } from '../sealing/sealed-job.ts';
import type { OwnKey } from '../sealing/sealed-key.ts';
import { createDocumentReader, type DocumentReader } from './documents.ts';
import { type AgreedPrint, agree } from './terms.ts';
import { opaqueName, readTicket } from './ticket.ts';
import type { Marks } from './watch.ts';

/** All that can be known to be wrong before a printer is spoken to. */
export interface PreparedDelivery extends AgreedPrint {
  readonly manifest: Manifest;
  /** The same, as it was signed. */
  readonly signed: Signed;
  readonly approved: DirectoryPrinter;
  readonly printer: IppPrinter;
  readonly documents: DocumentReader;
  readonly marks: Marks;
  /** Wipes the keys and closes the blob. */
  close(): Promise<void>;
}

/** Throws `not-found`, `job-expired`, `printer-not-approved`, `printer-not-secure`, `seal-broken`, `grant-invalid`, `policy-refused`. */
export async function prepare(options: {
  readonly grant: Grant;
  readonly bundle: Omit<GrantBundle, 'grant'>;
  readonly replica: Replica | undefined;
  readonly identity: DeviceIdentity;
  readonly organization: Organization;
  readonly open: typeof openPrinter;
  readonly now: number;
  readonly signal: AbortSignal;
}): Promise<PreparedDelivery> {
  const { grant, replica, identity, organization, now, signal } = options;
  if (!replica) throw new LetterlockError('not-found', 'job');
  const manifest = readManifest(replica, organization);
  if (manifest.job !== grant.job) throw new LetterlockError('seal-broken', 'manifest: job');
  if (Date.parse(manifest.expires) <= now) throw new LetterlockError('job-expired');
  const approved = printerOf(grant, organization);
  const marks = marksOf(grant);
  const printer = options.open({ ...wayTo(approved, manifest), userName: marks.user, signal });

  const node = { id: identity.id, key: identity.sealing };
  const blob = await replica.openBlob();
  let opened: OpenedJob | undefined;
  let documents: DocumentReader | undefined;
  const close = async () => {
    await documents?.close();
    opened?.wipe();
    await blob.close();
  };
  try {
    const { size } = await blob.stat();
    if (size !== manifest.blobSize) throw new LetterlockError('seal-broken', 'blob size');
    const parts = await openParts(options.bundle, manifest, grant, node);
    const { sealedKey } = replica;
    const job = await openSealedJob({ manifest, sealedKey, node, parts }).finally(() =>
      wipe(parts.jobPart, parts.organizationPart)
    );
    opened = job;
    const names = organization.directory()?.policy.jobNames ?? 'opaque';
    const metadata = job.metadata(decoded(replica.metadata));
    const facts = metadata.documents.map((document) => document.facts);
    const agreed = agree(readTicket(grant.job, metadata, names), facts, grant.terms);
    const sizes = agreed.ticket.documents.map((document) => document.size);
    documents = createDocumentReader(() => job.openBlob(blob, signal), sizes);
    return { manifest, signed: replica.manifest, approved, printer, ...agreed, documents, marks, close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** In strict custody the job part comes from the device that printed the job, for this printer and no other. */
function openParts(
  { parts, jobPart }: Omit<GrantBundle, 'grant'>,
  { custody }: Manifest,
  { id, job, printer }: Grant,
  node: OwnKey
): Promise<ReleaseParts> {
  if (custody === 'standard') return openReleaseParts(parts, { job, grant: id, node });
  if (!jobPart) throw new LetterlockError('grant-invalid', 'not approved by the owner');
  return openReleasedParts({ organizationPart: parts, jobPart }, { job, grant: id, printer, node });
}

/** The approved printer of this grant, as the directory has it now. */
export function printerOf({ printer }: Pick<Grant, 'printer'>, organization: Organization): DirectoryPrinter {
  const entry = organization.directory()?.printers.find(({ id }) => id === printer);
  if (!entry) throw new LetterlockError('printer-not-approved');
  return entry;
}

/** `fence` sets a delivery apart from earlier ones of the same job. */
export const marksOf = ({ job, fence }: Pick<Grant, 'job' | 'fence'>): Marks => ({
  user: `${opaqueName(job)}.${fence}`,
  name: opaqueName(job)
});

/** Plain IPP takes two to allow it: the printer's entry and the job's own grade. */
export const wayTo = (
  { uri, grade, certificateSha256 }: DirectoryPrinter,
  { deliveryGrade }: Pick<Manifest, 'deliveryGrade'>
) => ({
  uri,
  plainAllowed: grade === 'plain-allowed' && deliveryGrade !== 'ipps-required',
  ...(certificateSha256 ? { pin: certificateSha256 } : {})
});

/** Verified again at each release, with the key of the device that printed it, be that device still approved or not. */
function readManifest({ manifest }: Replica, organization: Organization): Manifest {
  const author = organization.directory()?.devices.find(({ id }) => id === manifest.signer);
  if (!author) throw new LetterlockError('seal-broken', 'manifest: signer');
  return openManifest(manifest, decoded(author.signing));
}
