import { toBase64url, utf8 } from '../../src-main/base/bytes.ts';
import { type Signed, signStatement } from '../../src-main/identity/signed-statement.ts';
import { sealMessage } from '../../src-main/sealing/aead.ts';
import { metadataContext, metadataKeyOf } from '../../src-main/sealing/key-schedule.ts';
import { type Manifest, openManifest } from '../../src-main/sealing/manifest.ts';
import { type JobMetadata, metadataDigest } from '../../src-main/sealing/metadata.ts';
import { beginSealedJob } from '../../src-main/sealing/sealed-job.ts';
import { flipped, flippedText, hex } from './mutate.ts';
import { sealWhole } from './seal-whole.ts';
import { seededDevice, seededDocument, seededIds, seededRandom } from './seeded.ts';

const client = seededDevice('client');
const releaseKey = seededDevice('release key');
/** An empty IPP message but for one attribute group: `copies` 2. */
const attributes = toBase64url(
  Buffer.concat([
    hex('0200000000000001'),
    hex('02'),
    hex('21'),
    hex('0006'),
    utf8('copies'),
    hex('000400000002'),
    hex('03')
  ])
);
export const jobMetadata: JobMetadata = {
  v: 2,
  title: 'Größenänderung – 見積書.pdf',
  attributes,
  documents: [
    {
      format: 'application/pdf',
      size: 2000,
      name: 'Anlage.pdf',
      attributes,
      facts: { pages: 2, color: false, media: [{ x: 21_000, y: 29_700 }] }
    },
    { format: 'image/jpeg', size: 100, facts: {} }
  ]
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
      deliveryGrade: 'ipps-required'
    },
    { random, segmentSize: 1024 }
  );
  const blob = sealWhole(sealing.blob, seededDocument(2100));
  const { manifest: signed, metadata } = await sealing.finish(jobMetadata);
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
  const sealedJson = (value: object) => sealedText(JSON.stringify(value));
  const [first, second] = jobMetadata.documents;
  const saying = (name: string, change: object) => named(name, sealedJson({ ...jobMetadata, ...change }));
  const sayingOfFirst = (name: string, change: object) =>
    saying(name, { documents: [{ ...first, ...change }, second] });

  const least = { v: 2, title: '', attributes: '', documents: [{ format: 'application/pdf', size: 2100, facts: {} }] };
  const plain = sealedJson(least);
  const hundred = {
    ...least,
    documents: Array.from({ length: 100 }, (_, index) => ({
      format: 'image/png',
      size: index < 50 ? 42 : 0,
      facts: {}
    }))
  };
  const manyDocuments = sealedJson(hundred);

  return [
    valid,
    { ...valid, name: 'one document, nothing else known', manifest: naming(plain), sealed: plain, metadata: least },
    {
      ...valid,
      name: 'a hundred documents, empty ones among them',
      manifest: naming(manyDocuments),
      sealed: manyDocuments,
      metadata: hundred
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
    named('version 1', sealedJson({ title: 'x', documentFormat: 'application/pdf' })),
    saying('version 3', { v: 3 }),
    saying('an unknown member', { pin: '1234' }),
    sayingOfFirst('an unknown member of a document', { pin: '1234' }),
    named('no title', sealedJson({ v: 2, attributes, documents: jobMetadata.documents })),
    saying('a title too long', { title: 'x'.repeat(1024) }),
    saying('attributes as JSON', { attributes: { copies: 2 } }),
    saying('attributes padded', { attributes: `${attributes}=` }),
    saying('no documents', { documents: [] }),
    saying('a hundred and one documents', { documents: [...hundred.documents, { format: 'a/b', size: 0, facts: {} }] }),
    saying('documents shorter than the blob', { documents: [first] }),
    sayingOfFirst('documents longer than the blob', { size: 2001 }),
    saying('a negative size that makes up for another', {
      documents: [
        { ...first, size: 2101 },
        { ...second, size: -1 }
      ]
    }),
    sayingOfFirst('a size that is no integer', { size: 2000.5 }),
    sayingOfFirst('no format', { format: '' }),
    sayingOfFirst('no pages', { facts: { pages: 0 } }),
    named('not JSON', sealedText('x'))
  ];
}
