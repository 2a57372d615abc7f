import { hkdf, keyEncryptionKey, metadataKeyOf, payloadKeys } from '../../src-main/sealing/key-schedule.ts';
import { wrapContentKey } from '../../src-main/sealing/sealed-key.ts';
import { flipped, hex } from './mutate.ts';
import { rfc5869, rfc9180 } from './rfc.ts';
import { seededIds, seededRandom } from './seeded.ts';

export function hkdfVectors(): object[] {
  const published = rfc5869.map(({ name, ikm, salt, info, okm }) => ({
    name,
    valid: true,
    ikm: hex(ikm),
    salt: hex(salt),
    info: hex(info),
    okm: hex(okm)
  }));
  const [first] = published;
  if (!first) throw new Error('no published vector');
  return [
    ...published,
    { ...first, name: 'another input key', valid: false, ikm: flipped(first.ikm, 0) },
    { ...first, name: 'another salt', valid: false, salt: flipped(first.salt, -1) },
    { ...first, name: 'another info', valid: false, info: flipped(first.info, -1) },
    { ...first, name: 'salt and info exchanged', valid: false, salt: first.info, info: first.salt }
  ];
}

export function hpkeVectors(): object[] {
  const { enc, ct } = rfc9180;
  const wire = (enc: Uint8Array, ct: Uint8Array) => ({
    enc: Buffer.from(enc).toString('base64url'),
    ct: Buffer.from(ct).toString('base64url')
  });
  const published = {
    name: 'RFC 9180, suite 0x0020 0x0001 0x0002, base mode',
    valid: true,
    privateKey: hex(rfc9180.skRm),
    info: hex(rfc9180.info),
    aad: hex(rfc9180.aad),
    sealed: wire(hex(enc), hex(ct)),
    plaintext: hex(rfc9180.pt),
    exports: rfc9180.exports.map(({ label, value }) => ({ label: hex(label), secret: hex(value) })),
    ikmE: hex(rfc9180.ikmE)
  };
  const { ikmE: _, ...base } = { ...published, valid: false };
  return [
    published,
    { ...base, name: 'another recipient', privateKey: flipped(base.privateKey, 5) },
    { ...base, name: 'another info', info: flipped(base.info, 0) },
    { ...base, name: 'no info', info: new Uint8Array() },
    { ...base, name: 'another aad', aad: flipped(base.aad, 0), exports: [] },
    { ...base, name: 'flipped enc', sealed: wire(flipped(hex(enc), 3), hex(ct)) },
    { ...base, name: 'flipped ciphertext', sealed: wire(hex(enc), flipped(hex(ct), 0)), exports: [] },
    { ...base, name: 'flipped tag', sealed: wire(hex(enc), flipped(hex(ct), -1)), exports: [] },
    { ...base, name: 'truncated tag', sealed: wire(hex(enc), hex(ct).subarray(0, -1)), exports: [] },
    { ...base, name: 'shorter than a tag', sealed: wire(hex(enc), hex(ct).subarray(0, 15)), exports: [] },
    { ...base, name: 'extended ciphertext', sealed: wire(hex(enc), Buffer.concat([hex(ct), hex('00')])), exports: [] },
    { ...base, name: 'enc too short', sealed: wire(hex(enc).subarray(1), hex(ct)) },
    { ...base, name: 'enc too long', sealed: wire(Buffer.concat([hex(enc), hex('00')]), hex(ct)) },
    { ...base, name: 'padded base64', sealed: { ...base.sealed, enc: `${base.sealed.enc}=` } },
    { ...base, name: 'unknown member', sealed: { ...base.sealed, aad: '' }, exports: [] },
    ...smallOrderPoints.map((point) => ({
      ...base,
      name: `enc of small order ${point}`,
      sealed: wire(hex(point), hex(ct))
    }))
  ];
}

/** With these the shared secret is zero whatever the private key (RFC 7748 section 6.1): to be refused, RFC 9180 section 7.1.4. */
const smallOrderPoints = [
  '00'.repeat(32),
  `01${'00'.repeat(31)}`,
  'e0eb7a7c3b41b8ae1656e3faf19fc46ada098deb9c32b1fd866205165f49b800',
  '5f9c95bca3508c24b1d0b1559c83ef5b04445cc4581c8e86d8224eddd09f1157',
  `ec${'ff'.repeat(30)}7f`,
  `ed${'ff'.repeat(30)}7f`,
  `ee${'ff'.repeat(30)}7f`
];

export function keyScheduleVectors(): object[] {
  const { job, otherJob } = seededIds;
  const random = seededRandom('key schedule');
  const secrets = {
    job,
    contentKey: random(32),
    salt: random(32),
    jobPart: random(32),
    organizationPart: random(32)
  };
  const parts = { jobPart: secrets.jobPart, organizationPart: secrets.organizationPart };
  const valid = {
    name: 'all keys of one job',
    valid: true,
    ...secrets,
    ...payloadKeys(secrets.contentKey, secrets.salt, job),
    keyEncryptionKey: keyEncryptionKey(parts, job),
    wrappedKey: wrapContentKey(secrets.contentKey, parts, job),
    metadataKey: metadataKeyOf(secrets.jobPart, job)
  };
  // RFC 5869 by hand, so that the labels do not come from the code under test alone.
  const spelled = hkdf(secrets.jobPart, hex(job.replaceAll('-', '')), Buffer.from('letterlock/v1/metadata'), 32);
  return [
    valid,
    { ...valid, name: 'metadata key, label spelled out', metadataKey: spelled },
    { ...valid, name: 'another job', valid: false, job: otherJob },
    { ...valid, name: 'another content key', valid: false, contentKey: flipped(valid.contentKey, 0) },
    { ...valid, name: 'another salt', valid: false, salt: flipped(valid.salt, 31) },
    { ...valid, name: 'another job part', valid: false, jobPart: flipped(valid.jobPart, 31) },
    { ...valid, name: 'another organization part', valid: false, organizationPart: flipped(valid.organizationPart, 0) },
    {
      ...valid,
      name: 'job part and organization part exchanged',
      valid: false,
      jobPart: valid.organizationPart,
      organizationPart: valid.jobPart
    },
    { ...valid, name: 'W with a flipped bit', valid: false, wrappedKey: flipped(valid.wrappedKey, 0) }
  ];
}
