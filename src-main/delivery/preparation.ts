import { wipe } from '../base/bytes.ts';
import { LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { DeviceIdentity } from '../identity/device-identity.ts';
import type { IppPrinter, openPrinter, PrintAttributes } from '../ipp/client.ts';
import type { Replica } from '../mesh/ports.ts';
import type { Organization } from '../organization/organization.ts';
import type { Grant, GrantBundle } from '../protocol/device-api.ts';
import type { DirectoryPrinter } from '../protocol/directory.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { openReleaseParts } from '../sealing/release-parts.ts';
import { type OpenedJob, openSealedJob } from '../sealing/sealed-job.ts';
import { printAttributes } from './ticket.ts';

/** All that can be known to be wrong before a printer is spoken to. */
export interface PreparedDelivery {
  readonly manifest: Manifest;
  readonly printer: IppPrinter;
  readonly attributes: PrintAttributes;
  /** The document, verified, from its beginning each time. */
  document(): AsyncGenerator<Uint8Array>;
  /** Wipes the keys and closes the blob. */
  close(): Promise<void>;
}

/** Throws `not-found`, `job-expired`, `printer-not-approved`, `printer-not-secure`, `seal-broken`, `grant-invalid`. */
export async function prepare(options: {
  readonly grant: Grant;
  readonly parts: GrantBundle['parts'];
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
  const printer = options.open(wayTo(printerOf(grant, organization), manifest, signal));

  const node = { id: identity.id, key: identity.sealing };
  const blob = await replica.openBlob();
  let opened: OpenedJob | undefined;
  const close = async () => {
    opened?.wipe();
    await blob.close();
  };
  try {
    const { size } = await blob.stat();
    if (size !== manifest.blobSize) throw new LetterlockError('seal-broken', 'blob size');
    const parts = await openReleaseParts(options.parts, { job: grant.job, grant: grant.id, node });
    const { sealedKey } = replica;
    const job = await openSealedJob({ manifest, sealedKey, node, parts }).finally(() =>
      wipe(parts.jobPart, parts.organizationPart)
    );
    opened = job;
    const attributes = printAttributes(grant.job, job.metadata(decoded(replica.metadata)));
    return { manifest, printer, attributes, document: () => job.openBlob(blob, signal), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The approved printer of this grant, as the directory has it now. */
export function printerOf({ printer }: Pick<Grant, 'printer'>, organization: Organization): DirectoryPrinter {
  const entry = organization.directory()?.printers.find(({ id }) => id === printer);
  if (!entry) throw new LetterlockError('printer-not-approved');
  return entry;
}

/** Plain IPP takes two to allow it: the printer's entry and the job's own grade. */
export const wayTo = (
  { uri, grade, certificateSha256 }: DirectoryPrinter,
  { deliveryGrade }: Pick<Manifest, 'deliveryGrade'>,
  signal: AbortSignal
) => ({
  uri,
  signal,
  plainAllowed: grade === 'plain-allowed' && deliveryGrade !== 'ipps-required',
  ...(certificateSha256 ? { pin: certificateSha256 } : {})
});

/** Verified again at each release, with the key of the device that printed it, be that device still approved or not. */
function readManifest({ manifest }: Replica, organization: Organization): Manifest {
  const author = organization.directory()?.devices.find(({ id }) => id === manifest.signer);
  if (!author) throw new LetterlockError('seal-broken', 'manifest: signer');
  return openManifest(manifest, decoded(author.signing));
}
