import { toBase64url, utf8 } from '../../src-main/base/bytes.ts';
import { type Signed, signStatement } from '../../src-main/identity/signed-statement.ts';
import { sealMessage } from '../../src-main/sealing/aead.ts';
import { metadataContext, metadataKeyOf } from '../../src-main/sealing/key-schedule.ts';
import { type Manifest, openManifest } from '../../src-main/sealing/manifest.ts';
import { metadataDigest } from '../../src-main/sealing/metadata.ts';
import { beginSealedJob } from '../../src-main/sealing/sealed-job.ts';
import { flipped, flippedText } from './mutate.ts';
import { sealWhole } from './seal-whole.ts';
import { seededDevice, seededDocument, seededIds, seededRandom } from './seeded.ts';

const client = seededDevice('client');
const releaseKey = seededDevice('release key');
export const jobMetadata = {
  title: 'Größenänderung – 見積書.pdf',
  documentFormat: 'application/pdf',
  pages: 2,
  attributes: { copies: 2, sides: 'two-sided-long-edge' }
};

/** One whole job, always the same; its keys are the seeded random bytes in the order in which the code asks for them. */
export async function seededJob() {
  const { job, organization, owner } = seededIds;
  const random = seededRandom('sealed job');
  const sealing = beginSealedJob(
    {
      job,
      organization,
      owner,
      site: 'main',
      device: client,
      releaseKey: { epoch: 7, publicKey: releaseKey.sealingPublicKey },
      created: Date.UTC(2026, 0, 2, 3, 4, 5, 678),
      expires: Date.UTC(2026, 0, 3, 3, 4, 5, 678),
      custody: 'standard',
      deliveryGrade: 'ipps-required',
      metadata: jobMetadata
    },
    { random, segmentSize: 1024 }
  );
  const blob = sealWhole(sealing.blob, seededDocument(2100));
  const { manifest: signed, metadata } = await sealing.finish();
  const again = seededRandom('sealed job');
  const contentKey = again(32);
  const jobPart = again(32);
  const manifest = openManifest(signed, client.signingKey.publicKey);
  return { sealing, blob, signed, manifest, metadata, contentKey, jobPart, client, releaseKey };
}

export async function manifestVectors(): Promise<object[]> {
  const { signed, manifest } = await seededJob();
  const publicKey = client.signingKey.publicKey;
  const signer = { id: client.id, key: client.signingKey };
  const valid = { name: 'a job of three segments', valid: true, publicKey, signed, manifest };
  const refused = (name: string, changed: unknown, key = publicKey) => ({
    name,
    valid: false,
    publicKey: key,
    signed: changed,
    manifest: null
  });
  const saying = async (name: string, change: object) =>
    refused(name, await signStatement('manifest', { ...manifest, ...change }, signer));
  const spelled = async (name: string, payload: Uint8Array) => refused(name, await signBytes(payload));
  const json = JSON.stringify(manifest);
  const { enc: _enc, ...withoutEnc } = manifest;
  const empty = { ...manifest, size: 0, blobSize: 108, segments: 1 };
  const mallory = seededDevice('mallory');

  return [
    valid,
    { ...valid, name: 'an empty document', signed: await signStatement('manifest', empty, signer), manifest: empty },
    refused('flipped signature', { ...signed, signature: flippedText(signed.signature, 0) }),
    refused('flipped last bit of the signature', { ...signed, signature: flippedText(signed.signature, 63, 0x10) }),
    refused('signature cut', { ...signed, signature: signed.signature.slice(0, -2) }),
    refused('flipped first byte', { ...signed, payload: flippedText(signed.payload, 0) }),
    refused('flipped byte of the size', {
      ...signed,
      payload: flippedText(signed.payload, json.indexOf('"size"') + 7)
    }),
    refused('payload cut', { ...signed, payload: toBase64url(utf8(json.slice(0, -1))) }),
    refused('payload extended', { ...signed, payload: toBase64url(utf8(`${json} `)) }),
    refused('payload padded', { ...signed, payload: `${signed.payload}=` }),
    refused('unknown member beside the payload', { ...signed, title: 'x' }),
    refused('another key', signed, mallory.signingKey.publicKey),
    refused(
      'signed by another device in its own name',
      await signStatement('manifest', manifest, { id: mallory.id, key: mallory.signingKey }),
      mallory.signingKey.publicKey
    ),
    refused('renamed kind', { ...signed, kind: 'receipt' }),
    refused('signature made for another kind', {
      ...(await signStatement('receipt', manifest, signer)),
      kind: 'manifest'
    }),
    await saying('version 2', { v: 2 }),
    await saying('a title', { title: 'x' }),
    await saying('size and segments disagree', { size: 3073 }),
    await saying('size and blob size disagree', { size: 2101 }),
    await saying('negative size', { size: -1 }),
    await saying('fractional size', { size: 2100.5 }),
    await saying('segment size not a power of two', { segmentSize: 1000 }),
    await saying('expires before it was created', { expires: manifest.created }),
    await saying('unknown custody', { custody: 'lax' }),
    await saying('digest too short', { sha256: manifest.sha256.slice(0, 42) }),
    await saying('larger than a manifest may be', { site: 'x'.repeat(17_000) }),
    refused('enc missing', await signStatement('manifest', withoutEnc, signer)),
    await spelled('white space', utf8(json.replace(',', ', '))),
    await spelled('a name twice', utf8(json.replace('{', '{"size":1,'))),
    await spelled('escaped where it need not be', utf8(json.replace('"standard"', '"\\u0073tandard"'))),
    await spelled('number spelled otherwise', utf8(json.replace('"size":2100', '"size":2.1e3'))),
    await spelled('byte order mark', utf8(`\ufeff${json}`)),
    await spelled('not UTF-8', Buffer.from(json.replace('"main"', '"\xff"'), 'latin1')),
    await spelled('not JSON', utf8('manifest')),
    await spelled('not an object', utf8('[]'))
  ];
}

/** A true signature over bytes that signStatement would never write. */
async function signBytes(payload: Uint8Array): Promise<Signed> {
  const signature = await client.signingKey.sign(Buffer.concat([utf8('letterlock/v1/manifest\0'), payload]));
  return { kind: 'manifest', payload: toBase64url(payload), signer: client.id, signature: toBase64url(signature) };
}

export async function metadataVectors(): Promise<object[]> {
  const { manifest, metadata: sealed, jobPart } = await seededJob();
  const { job, otherJob } = seededIds;
  const metadataKey = metadataKeyOf(jobPart, job);
  const valid = { name: 'title and attributes', valid: true, manifest, metadataKey, sealed, metadata: jobMetadata };
  const naming = (bytes: Uint8Array): Manifest => ({ ...manifest, metadataSha256: metadataDigest(bytes) });
  const refused = (name: string, changed: Uint8Array, others: object = {}) => ({
    ...valid,
    name,
    valid: false,
    sealed: changed,
    metadata: null,
    ...others
  });
  /** The manifest names the changed bytes: only the seal itself is left to refuse them. */
  const named = (name: string, changed: Uint8Array) => refused(name, changed, { manifest: naming(changed) });
  const sealedText = (text: string) => sealMessage(metadataKey, utf8(text), metadataContext(job));
  const plain = sealedText('{"title":"x","documentFormat":"application/pdf"}');

  return [
    valid,
    {
      ...valid,
      name: 'title alone',
      manifest: naming(plain),
      sealed: plain,
      metadata: { title: 'x', documentFormat: 'application/pdf' }
    },
    refused('flipped bit', flipped(sealed, 0)),
    refused('not what the manifest names', plain),
    named('flipped bit, named by the manifest', flipped(sealed, 0)),
    named('flipped tag, named by the manifest', flipped(sealed, -1)),
    named('cut, named by the manifest', sealed.subarray(0, -1)),
    named('extended, named by the manifest', Buffer.concat([sealed, Buffer.alloc(1)])),
    named('nothing, named by the manifest', new Uint8Array()),
    refused('another key', sealed, { metadataKey: flipped(metadataKey, 0) }),
    refused('the job part itself as key', sealed, { metadataKey: jobPart }),
    refused('another job', sealed, { manifest: { ...manifest, job: otherJob } }),
    named('sealed for another job', sealMessage(metadataKey, utf8('{}'), metadataContext(otherJob))),
    named('an unknown member', sealedText('{"title":"x","documentFormat":"application/pdf","pin":"1234"}')),
    named('no title', sealedText('{"documentFormat":"application/pdf"}')),
    named('not JSON', sealedText('x'))
  ];
}
