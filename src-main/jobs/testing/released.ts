import type { JobId } from '../../../src-preload/contract/ids.ts';
import { openStatement } from '../../identity/signed-statement.ts';
import { Grant } from '../../protocol/device-api.ts';
import { openManifest } from '../../sealing/manifest.ts';
import { openReleasedParts } from '../../sealing/release-parts.ts';
import { openSealedJob } from '../../sealing/sealed-job.ts';
import type { TestClient } from './client.ts';

/** The parts of a job's key as the node that releases it gets them, opened with that node's own key. */
export async function releasedParts(client: TestClient, job: JobId) {
  const node = client.mesh.all().find(({ bundles }) => bundles.length > 0);
  const bundle = node?.bundles.at(-1);
  if (!node || !bundle?.jobPart) throw new Error('nothing was released');
  const publicKey = client.organization.coordinator.signing.publicKey;
  const { id: grant, printer } = openStatement({
    ...{ kind: 'grant', signed: bundle.grant, publicKey, schema: Grant, maxBytes: 4096, code: 'grant-invalid' as const }
  });
  const own = { id: node.machine.id, key: node.machine.sealing };
  const sealed = { organizationPart: bundle.parts, jobPart: bundle.jobPart };
  return { node, own, parts: await openReleasedParts(sealed, { job, grant, printer, node: own }) };
}

/** What the node that releases the job prints with what it was given, as text; or its refusal. */
export async function printedText(client: TestClient, job: JobId): Promise<string> {
  const { node, own, parts } = await releasedParts(client, job);
  const replica = node.replicas.get(job);
  if (!replica) throw new Error('nothing to print');
  const manifest = openManifest(replica.manifest, client.organization.client.signing.publicKey);
  const opened = await openSealedJob({ manifest, sealedKey: replica.sealedKey, node: own, parts });
  const pieces: Buffer[] = [];
  const blob = async function* () {
    yield replica.blob;
  };
  for await (const piece of opened.openBlob(blob())) pieces.push(piece);
  return Buffer.concat(pieces).toString();
}
