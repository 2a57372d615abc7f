import type { z } from 'zod';
import type { DeviceId, JobId } from '../../src-preload/contract/ids.ts';
import { wipe } from '../base/bytes.ts';
import { asLetterlockError, LetterlockError } from '../base/errors.ts';
import { decoded } from '../identity/base64url.ts';
import type { SessionJob } from '../protocol/device-api.ts';
import { openManifest } from '../sealing/manifest.ts';
import { openMetadata, openMetadataKey } from '../sealing/metadata.ts';
import { type Description, descriptionOf } from './descriptions.ts';
import type { JobsPorts } from './port.ts';
import { rankHolders } from './replicas.ts';

/**
 * What a job is called and what is in it: the key comes from the coordinator, which has nothing to open with it; the sealed
 * metadata from a node, which has no key. Null where no holder answers, or what it has is not what the printing device signed. Never rejects.
 */
export async function readDescription(job: z.infer<typeof SessionJob>, ports: JobsPorts): Promise<Description | null> {
  const { id, metadataKey } = job;
  if (!metadataKey) return null;
  let key: Uint8Array | undefined;
  try {
    key = await openMetadataKey(metadataKey, {
      job: id,
      reader: { id: ports.identity.id, key: ports.identity.sealing }
    });
    return (await describedBy(key, job, ports)).description;
  } catch (error) {
    ports.logger.warn({ job: id, error }, 'no description of a job');
  } finally {
    wipe(key);
  }
  return null;
}

/**
 * The same with the key in the open, and which device signed it. Throws `seal-broken` where a holder answers and nothing that any of
 * them has opens with this key, else `node-unreachable`.
 */
export async function describedBy(
  key: Uint8Array,
  { id, holders }: { readonly id: JobId; readonly holders: readonly DeviceId[] },
  { organization, transport, logger }: JobsPorts
): Promise<{ readonly description: Description; readonly device: DeviceId }> {
  let failed = new LetterlockError('node-unreachable');
  for (const holder of rankHolders(holders, organization)) {
    try {
      const info = await transport.info(holder, id);
      const device = organization.device(info.manifest.signer);
      if (!device) throw new LetterlockError('seal-broken', 'manifest: signer');
      const manifest = openManifest(info.manifest, decoded(device.signing));
      if (manifest.job !== id) throw new LetterlockError('seal-broken', 'manifest: job');
      const metadata = openMetadata(decoded(info.metadata), key, manifest);
      return { description: descriptionOf(metadata), device: device.id };
    } catch (error) {
      const reason = asLetterlockError(error, 'node-unreachable');
      if (reason.code === 'seal-broken') failed = reason;
      logger.debug({ job: id, node: holder, error }, 'no description from this holder');
    }
  }
  throw failed;
}
