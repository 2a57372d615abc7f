import { describe, expect, it } from 'vitest';
import { sealWhole } from '../../tests/vectors/seal-whole.ts';
import { seededDevice, seededIds } from '../../tests/vectors/seeded.ts';
import { limits, MiB } from '../base/limits.ts';
import { openManifest } from './manifest.ts';
import { type JobMetadata, openMetadata, openMetadataKey } from './metadata.ts';
import { openJobPart, openReleaseParts, organizationPart, sealReleaseParts } from './release-parts.ts';
import { beginSealedJob, openSealedJob, type SealedJobRequest } from './sealed-job.ts';
import { resealFor } from './sealed-key.ts';

const { job, organization, owner, grant } = seededIds;
const client = seededDevice('client');
const node = seededDevice('node');
const station = seededDevice('station');
const coordinator = seededDevice('coordinator');
const releaseKey = seededDevice('release key');
const metadata = (...sizes: number[]): JobMetadata => ({
  v: 2,
  title: 'Letter',
  attributes: 'AgA',
  documents: sizes.map((size) => ({ format: 'application/pdf', size, facts: { pages: 2 } }))
});

const begin = (change: Partial<SealedJobRequest> = {}) =>
  beginSealedJob({
    job,
    organization,
    owner,
    site: 'main',
    device: client,
    releaseKey: { epoch: 3, publicKey: releaseKey.sealingPublicKey },
    created: 1_000,
    expires: 2_000,
    custody: 'standard',
    deliveryGrade: 'ipps-required',
    ...change
  });

describe('a sealed job', () => {
  it('goes from the client through its outbox, a node and the coordinator to the printer', async () => {
    const document = Buffer.alloc(3 * MiB + 5, 'page ');
    const sealing = begin();
    const blob = sealWhole(sealing.blob, document, 100_000);
    const content = metadata(3 * MiB, 5);
    const { manifest: signed, metadata: sealedMetadata } = await sealing.finish(content);
    const kept = await sealing.wrapFor({ id: client.id, sealingPublicKey: client.sealingPublicKey });
    const sealedJobPart = await sealing.sealJobPartFor(coordinator);
    const titleKey = await sealing.sealMetadataKeyFor(station);
    sealing.wipe();

    const sealedKey = await resealFor({ sealedKey: kept, job, from: client, to: node });
    const manifest = openManifest(signed, client.signingKey.publicKey);
    expect(manifest).toMatchObject({ size: document.length, blobSize: blob.length, segments: 49, releaseKeyEpoch: 3 });

    const jobPart = await openJobPart(sealedJobPart, { job, custodian: coordinator });
    const sealedParts = await sealReleaseParts(
      { jobPart, organizationPart: await organizationPart(releaseKey.key, manifest) },
      { job, grant, node }
    );
    const parts = await openReleaseParts(sealedParts, { job, grant, node });
    const opened = await openSealedJob({ manifest, sealedKey, node, parts });
    const printed: Uint8Array[] = [];
    const source = {
      read: async (into: Uint8Array, offset: number, length: number, position: number) => ({
        bytesRead: blob.copy(into, offset, position, position + length)
      })
    };
    for await (const piece of opened.openBlob(source)) printed.push(piece);
    expect(Buffer.concat(printed).equals(document)).toBe(true);
    expect(opened.metadata(sealedMetadata)).toEqual(content);
    opened.wipe();

    const metadataKey = await openMetadataKey(titleKey, { job, reader: station });
    expect(openMetadata(sealedMetadata, metadataKey, manifest).title).toBe('Letter');
  });

  it.each<[string, Partial<JobMetadata>, string]>([
    ['larger than they may be', { attributes: 'A'.repeat(limits.metadata) }, 'too-large'],
    ['not base64url', { attributes: '+' }, 'input-invalid'],
    ['of another size than the blob', { documents: metadata(1, 1).documents }, 'input-invalid'],
    ['without a document', { documents: [] }, 'input-invalid'],
    ['with a title that no reader takes', { title: 'x'.repeat(1024) }, 'input-invalid']
  ])('seals no metadata that could not be opened: %s', async (_, change, code) => {
    const sealing = begin();
    sealWhole(sealing.blob, Buffer.alloc(1));
    await expect(sealing.finish({ ...metadata(1), ...change })).rejects.toMatchObject({ code });
  });

  it('says at the end when a manifest could not be true', async () => {
    const expired = begin({ expires: 1_000 });
    sealWhole(expired.blob, Buffer.alloc(1));
    await expect(expired.finish(metadata(1))).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('is finished once: a second message under the same key would give both away', async () => {
    const sealing = begin();
    sealWhole(sealing.blob, Buffer.alloc(1));
    await sealing.finish(metadata(1));
    await expect(sealing.finish({ ...metadata(1), title: 'Another' })).rejects.toThrow(TypeError);
  });

  it('refuses a release key that is none, to whoever asks for what needs it', async () => {
    const sealing = begin({ releaseKey: { epoch: 3, publicKey: new Uint8Array(32) } });
    sealWhole(sealing.blob, Buffer.alloc(1));
    await expect(sealing.finish(metadata(1))).rejects.toMatchObject({ code: 'input-invalid' });
    await expect(sealing.wrapFor(node)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('gives no key and seals no more once it is wiped, however early', async () => {
    const sealing = begin();
    const asked = sealing.wrapFor(node);
    sealing.wipe();
    await expect(asked).rejects.toThrow(TypeError);
    await expect(sealing.sealJobPartFor(coordinator)).rejects.toThrow(TypeError);
    await expect(sealing.sealMetadataKeyFor(station)).rejects.toThrow(TypeError);
    expect(() => sealing.blob.update(Buffer.alloc(1), Buffer.alloc(MiB))).toThrow(TypeError);
    await expect(sealing.finish(metadata(0))).rejects.toThrow(TypeError);
  });
});
