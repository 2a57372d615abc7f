import type { z } from 'zod';
import { wipe } from '../base/bytes.ts';
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
export async function readDescription(
  { id, holders, metadataKey }: z.infer<typeof SessionJob>,
  { identity, organization, transport, logger }: JobsPorts
): Promise<Description | null> {
  if (!metadataKey) return null;
  let key: Uint8Array | undefined;
  try {
    key = await openMetadataKey(metadataKey, { job: id, reader: { id: identity.id, key: identity.sealing } });
    for (const holder of rankHolders(holders, organization)) {
      try {
        const info = await transport.info(holder, id);
        const device = organization.device(info.manifest.signer);
        if (!device) continue;
        const manifest = openManifest(info.manifest, decoded(device.signing));
        if (manifest.job === id) return descriptionOf(openMetadata(decoded(info.metadata), key, manifest));
      } catch (error) {
        logger.debug({ job: id, node: holder, error }, 'no description from this holder');
      }
    }
  } catch (error) {
    logger.warn({ job: id, error }, 'the key of a description does not open');
  } finally {
    wipe(key);
  }
  return null;
}
