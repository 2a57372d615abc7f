import { type Sealed, sealTo } from '../../src-main/identity/hpke.ts';
import { metadataKeyOf, releasePartsContext, sealedKeyContext } from '../../src-main/sealing/key-schedule.ts';
import { sealMetadataKey } from '../../src-main/sealing/metadata.ts';
import {
  organizationPart,
  sealJobPart,
  sealReleasedJobPart,
  sealReleasedOrganizationPart,
  sealReleaseParts
} from '../../src-main/sealing/release-parts.ts';
import { resealFor, wrapContentKey } from '../../src-main/sealing/sealed-key.ts';
import { seededJob } from './generate-manifest.ts';
import { flipped, flippedText } from './mutate.ts';
import { seededDevice, seededIds, seededRandom } from './seeded.ts';

const { job, otherJob, grant, otherGrant, printer, otherPrinter } = seededIds;
const client = seededDevice('client');
const nodeA = seededDevice('node a');
const nodeB = seededDevice('node b');
const coordinator = seededDevice('coordinator');

const flippedCiphertext = (sealed: Sealed): Sealed => ({ ...sealed, ct: flippedText(sealed.ct, 0) });
const flippedEnc = (sealed: Sealed): Sealed => ({ ...sealed, enc: flippedText(sealed.enc, 0) });
const cut = (sealed: Sealed): Sealed => ({
  ...sealed,
  ct: Buffer.from(sealed.ct, 'base64url').subarray(1).toString('base64url')
});

export async function sealedKeyVectors(): Promise<object[]> {
  const { sealing, manifest, contentKey, jobPart, releaseKey } = await seededJob();
  const parts = { jobPart, organizationPart: await organizationPart(releaseKey.key, manifest) };
  const sealedKey = await sealing.wrapFor(nodeA);
  const random = seededRandom('reseal');
  const resealed = await resealFor({ sealedKey, job, from: nodeA, to: nodeB }, random);
  const valid = {
    name: 'sealed to node A by the client',
    valid: true,
    job,
    holder: nodeA.id,
    privateKey: nodeA.sealingPrivateKey,
    ...parts,
    sealedKey,
    contentKey
  };
  const refused = (name: string, change: object) => ({ ...valid, name, valid: false, ...change });
  const sealedAs = (plain: Uint8Array) =>
    sealTo(nodeA.sealingPublicKey, plain, sealedKeyContext(job, nodeA.id), random);
  const wrapped = wrapContentKey(contentKey, parts, job);

  return [
    valid,
    {
      ...valid,
      name: 're-sealed to node B by node A',
      holder: nodeB.id,
      privateKey: nodeB.sealingPrivateKey,
      sealedKey: resealed
    },
    refused('opened by another node', { privateKey: nodeB.sealingPrivateKey }),
    refused('opened in the name of another node', { holder: nodeB.id }),
    refused('opened for another job', { job: otherJob }),
    refused('another job part', { jobPart: flipped(jobPart, 0) }),
    refused('another organization part', { organizationPart: flipped(parts.organizationPart, 31) }),
    refused('parts exchanged', { jobPart: parts.organizationPart, organizationPart: jobPart }),
    refused('no organization part', { organizationPart: new Uint8Array() }),
    refused('no job part', { jobPart: new Uint8Array() }),
    refused('flipped enc', { sealedKey: flippedEnc(sealedKey) }),
    refused('flipped ciphertext', { sealedKey: flippedCiphertext(sealedKey) }),
    refused('cut', { sealedKey: cut(sealedKey) }),
    refused('enc of another sealing', { sealedKey: { ...sealedKey, enc: resealed.enc } }),
    refused('flipped W, properly sealed', { sealedKey: await sealedAs(flipped(wrapped, 0)) }),
    refused('cut W, properly sealed', { sealedKey: await sealedAs(wrapped.subarray(0, -1)) }),
    refused('bare content key, properly sealed', { sealedKey: await sealedAs(contentKey) }),
    refused('W of another job, properly sealed', {
      sealedKey: await sealedAs(wrapContentKey(contentKey, parts, otherJob))
    })
  ];
}

export async function organizationPartVectors(): Promise<object[]> {
  const { manifest, releaseKey } = await seededJob();
  const valid = {
    name: 'from enc and release key',
    valid: true,
    manifest,
    releasePrivateKey: releaseKey.sealingPrivateKey,
    organizationPart: await organizationPart(releaseKey.key, manifest)
  };
  const refused = (name: string, change: object) => ({ ...valid, name, valid: false, ...change });
  return [
    valid,
    refused('another release key', { releasePrivateKey: nodeA.sealingPrivateKey }),
    refused('another epoch', { manifest: { ...manifest, releaseKeyEpoch: 8 } }),
    refused('another job', { manifest: { ...manifest, job: otherJob } }),
    refused('flipped enc', { manifest: { ...manifest, enc: flippedText(manifest.enc, 0) } }),
    refused('enc of small order', { manifest: { ...manifest, enc: Buffer.alloc(32).toString('base64url') } })
  ];
}

export async function partsVectors(): Promise<object[]> {
  const { manifest, jobPart, releaseKey } = await seededJob();
  const random = seededRandom('parts');
  const organization = await organizationPart(releaseKey.key, manifest);
  const both = Buffer.concat([jobPart, organization]);

  const forCoordinator = {
    name: 'job part for the coordinator',
    valid: true,
    kind: 'job-part',
    job,
    reader: coordinator.id,
    privateKey: coordinator.sealingPrivateKey,
    sealed: await sealJobPart(jobPart, { job, custodian: coordinator }, random),
    secret: jobPart
  };
  const forStation = {
    name: 'metadata key for a station',
    valid: true,
    kind: 'metadata-key',
    job,
    reader: nodeB.id,
    privateKey: nodeB.sealingPrivateKey,
    sealed: await sealMetadataKey(jobPart, { job, reader: nodeB }, random),
    secret: metadataKeyOf(jobPart, job)
  };
  const forGrant = {
    name: 'both parts for a node under a grant',
    valid: true,
    kind: 'release-parts',
    job,
    reader: nodeA.id,
    grant,
    privateKey: nodeA.sealingPrivateKey,
    sealed: await sealReleaseParts({ jobPart, organizationPart: organization }, { job, grant, node: nodeA }, random),
    secret: both
  };
  const refused = (of: object, name: string, change: object) => ({ ...of, name, valid: false, ...change });
  const sealedAs = (plain: Uint8Array) =>
    sealTo(nodeA.sealingPublicKey, plain, releasePartsContext(job, nodeA.id, grant), random);

  const under = { job, reader: nodeA.id, grant, privateKey: nodeA.sealingPrivateKey };
  const strictly = seededRandom('strict custody');
  const organizationAlone = {
    name: 'organization part for a node under a grant',
    valid: true,
    kind: 'released-organization-part',
    ...under,
    sealed: await sealReleasedOrganizationPart(organization, { job, grant, node: nodeA }, strictly),
    secret: organization
  };
  const letGo = {
    name: 'job part for a node under a grant, for a printer',
    valid: true,
    kind: 'released-job-part',
    ...under,
    printer,
    sealed: await sealReleasedJobPart(jobPart, { job, grant, printer, node: nodeA }, strictly),
    secret: jobPart
  };
  const kept = {
    ...forCoordinator,
    name: 'job part for the client itself',
    reader: client.id,
    privateKey: client.sealingPrivateKey,
    sealed: await sealJobPart(jobPart, { job, custodian: client }, strictly)
  };

  return [
    forCoordinator,
    forStation,
    forGrant,
    kept,
    organizationAlone,
    letGo,
    refused(kept, 'kept job part: the coordinator reads', {
      reader: coordinator.id,
      privateKey: coordinator.sealingPrivateKey
    }),
    refused(organizationAlone, 'released organization part: another grant', { grant: otherGrant }),
    refused(organizationAlone, 'released organization part: passed off as job part', {
      kind: 'released-job-part',
      printer
    }),
    refused(letGo, 'released job part: another grant', { grant: otherGrant }),
    refused(letGo, 'released job part: another printer', { printer: otherPrinter }),
    refused(letGo, 'released job part: another job', { job: otherJob }),
    refused(letGo, 'released job part: another node', { reader: nodeB.id, privateKey: nodeB.sealingPrivateKey }),
    refused(letGo, 'released job part: flipped ciphertext', { sealed: flippedCiphertext(letGo.sealed) }),
    refused(forCoordinator, 'job part: another reader', { reader: nodeA.id }),
    refused(forCoordinator, 'job part: another job', { job: otherJob }),
    refused(forCoordinator, 'job part: another key', { privateKey: nodeA.sealingPrivateKey }),
    refused(forCoordinator, 'job part: flipped ciphertext', { sealed: flippedCiphertext(forCoordinator.sealed) }),
    refused(forStation, 'metadata key: another reader', { reader: nodeA.id }),
    refused(forStation, 'metadata key: another job', { job: otherJob }),
    refused(forStation, 'metadata key: passed off as job part', { kind: 'job-part' }),
    refused(forGrant, 'release parts: another grant', { grant: otherGrant }),
    refused(forGrant, 'release parts: another job', { job: otherJob }),
    refused(forGrant, 'release parts: another node', { reader: nodeB.id }),
    refused(forGrant, 'release parts: another key', { privateKey: nodeB.sealingPrivateKey }),
    refused(forGrant, 'release parts: flipped enc', { sealed: flippedEnc(forGrant.sealed) }),
    refused(forGrant, 'release parts: flipped ciphertext', { sealed: flippedCiphertext(forGrant.sealed) }),
    refused(forGrant, 'release parts: one part alone', { sealed: await sealedAs(jobPart) }),
    refused(forGrant, 'release parts: three parts', { sealed: await sealedAs(Buffer.concat([both, jobPart])) })
  ];
}
