import type { DeviceId, JobId, UserId } from '../../src-preload/contract/ids.ts';
import { limits } from '../base/limits.ts';
import { decoded } from '../identity/base64url.ts';
import type { Signed } from '../identity/signed-statement.ts';
import { mayLieOn } from '../protocol/cloud.ts';
import { type Manifest, openManifest } from '../sealing/manifest.ts';
import { nodesOf, ownSite } from './placement.ts';
import type { JobsPorts } from './port.ts';

/** A job that nodes in reach hold, as its own client signed it. */
export interface FoundJob {
  readonly manifest: Manifest;
  readonly holders: DeviceId[];
  /** Some node has said yes to a release of it: it is not free, as far as is known here. */
  claimed: boolean;
}

type Ports = Pick<JobsPorts, 'organization' | 'identity' | 'transport' | 'clock' | 'logger'> & {
  readonly transport: OfflineTransport;
};
export type OfflineTransport = JobsPorts['transport'] & {
  replicasOf(
    node: DeviceId,
    owner: UserId,
    signal: AbortSignal
  ): Promise<{ readonly replicas: readonly { readonly manifest: Signed; readonly claimed: boolean }[] }>;
};

/** Who does not answer in this time is not waited for. */
const askMs = 2_000;
/** Nodes asked at once. */
const atOnce = 32;

/** What the nodes in reach, of this station's site, hold of one user's. What they say counts by the signature of the machine that printed it alone. */
export async function findJobs(owner: UserId, ports: Ports): Promise<Map<JobId, FoundJob>> {
  const { organization, identity, transport, clock, logger } = ports;
  const found = new Map<JobId, FoundJob>();
  const late = new AbortController();

  const ask = async (node: DeviceId): Promise<void> => {
    try {
      const { replicas } = await transport.replicasOf(node, owner, late.signal);
      for (const { manifest, claimed } of replicas) add(node, manifest, claimed);
    } catch (error) {
      logger.debug({ node, error }, 'a node does not say what it holds');
    }
  };
  function add(node: DeviceId, signed: Signed, claimed: boolean): void {
    const manifest = readOwn(signed, owner, ports);
    if (!manifest || Date.parse(manifest.expires) <= clock.now()) return;
    const place = organization.device(node);
    if (!place || !mayLieOn(place, organization.directory(), manifest)) return;
    const known = found.get(manifest.job);
    if (known && known.manifest.sha256 !== manifest.sha256) return;
    if (!known && found.size >= limits.listedJobs) return;
    if (!known) found.set(manifest.job, { manifest, holders: [node], claimed });
    else {
      known.holders.push(node);
      known.claimed ||= claimed;
    }
  }

  const nodes = nodesOf(organization, ownSite(organization, identity.id)).map(({ id }) => id);
  for (let first = 0; first < nodes.length; first += atOnce) {
    const page = nodes.slice(first, first + atOnce);
    const stop = clock.after(askMs, () => late.abort());
    await Promise.all(page.map(ask)).finally(stop);
    if (late.signal.aborted) break;
  }
  return found;
}

/** A manifest that this user's own machine signed, or a node where people sign in at a shared printer. */
function readOwn(signed: Signed, owner: UserId, { organization, logger }: Ports): Manifest | null {
  const author = organization.device(signed.signer);
  const shared = organization.directory()?.policy.sharedPrinters === true && author?.roles.includes('node');
  if (!author || !(author.owner === owner || shared)) return null;
  try {
    const manifest = openManifest(signed, decoded(author.signing));
    return manifest.owner === owner ? manifest : null;
  } catch (error) {
    logger.warn({ signer: signed.signer, error }, 'a node shows a manifest that is not what was signed');
    return null;
  }
}
