import { createHash } from 'node:crypto';
import { expect } from 'vitest';
import { z } from 'zod';
import { fromBase64url } from '../../src-main/base/bytes.ts';
import { LetterlockError } from '../../src-main/base/errors.ts';
import { Sealed, sealTo } from '../../src-main/identity/hpke.ts';
import { Signed } from '../../src-main/identity/signed-statement.ts';
import { createFramer, decodeMessage, decodeReply, encodeMessage } from '../../src-main/ipp/codec.ts';
import { createBlobSealer } from '../../src-main/sealing/blob.ts';
import { openEscrow } from '../../src-main/sealing/escrow.ts';
import {
  hkdf,
  keyEncryptionKey,
  metadataKeyOf,
  payloadKeys,
  releasedJobPartContext,
  releasedOrganizationPartContext
} from '../../src-main/sealing/key-schedule.ts';
import { openManifest } from '../../src-main/sealing/manifest.ts';
import { openMetadata, openMetadataKey } from '../../src-main/sealing/metadata.ts';
import { openJobPart, openReleaseParts, organizationPart } from '../../src-main/sealing/release-parts.ts';
import { openTicket } from '../../src-main/sealing/release-ticket.ts';
import { openWrappedKey, unwrapContentKey, wrapContentKey } from '../../src-main/sealing/sealed-key.ts';
import { encodeBytes } from './generate.ts';
import type { VectorFile, vectorFiles } from './schema.ts';
import { openWhole, sealWhole } from './seal-whole.ts';
import { sealingKeyFromRaw } from './seeded.ts';

/** How one case of each file is checked. */
type Case<File extends VectorFile> = z.infer<(typeof vectorFiles)[File]>[number];
type Checks = { [File in VectorFile]: (vector: Case<File>) => void | Promise<void> };

const hexOf = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');
const allHex = (values: Record<string, Uint8Array>) =>
  Object.fromEntries(Object.entries(values).map(([name, bytes]) => [name, hexOf(bytes)]));

/** A valid case gives `expected`; an invalid one is refused, or gives something else where nothing can tell. */
async function expectOutcome(valid: boolean, outcome: () => unknown, expected: unknown, mayDiffer = false) {
  let result: unknown;
  try {
    result = await outcome();
  } catch (error) {
    const refusal = error instanceof LetterlockError || error instanceof z.ZodError;
    if (valid || !refusal) throw error;
    return;
  }
  if (valid) expect(result).toEqual(expected);
  else {
    expect(mayDiffer).toBe(true);
    expect(result).not.toEqual(expected);
  }
}

export const checks: Checks = {
  hkdf: ({ valid, ikm, salt, info, okm }) =>
    expectOutcome(valid, () => hexOf(hkdf(ikm, salt, info, okm.length)), hexOf(okm), true),

  async hpke({ valid, privateKey, info, aad, sealed, plaintext, exports, ikmE }) {
    const key = sealingKeyFromRaw(privateKey);
    await expectOutcome(
      valid,
      async () => hexOf(await key.open(Sealed.parse(sealed), { info, aad })),
      hexOf(plaintext)
    );
    const enc = fromBase64url((sealed as Sealed).enc) ?? new Uint8Array();
    for (const { label, secret } of exports)
      await expectOutcome(
        valid,
        async () => hexOf(await key.exportSecret(enc, { info, label, length: secret.length })),
        hexOf(secret),
        true
      );
    if (ikmE) expect(await sealTo(key.publicKey, plaintext, { info, aad }, () => ikmE.slice())).toEqual(sealed);
  },

  'key-schedule': ({ valid, job, contentKey, salt, jobPart, organizationPart, ...rest }) => {
    const { name: _, ...expected } = rest;
    const parts = { jobPart, organizationPart };
    const derived = () =>
      allHex({
        ...payloadKeys(contentKey, salt, job),
        keyEncryptionKey: keyEncryptionKey(parts, job),
        wrappedKey: wrapContentKey(contentKey, parts, job),
        metadataKey: metadataKeyOf(jobPart, job)
      });
    return expectOutcome(valid, derived, allHex(expected), true);
  },

  blob({ valid, job, contentKey, size, segmentSize, blob, document, released }) {
    for (const piece of [blob.length || 1, 1]) {
      const outcome = openWhole(blob, { job, size, segmentSize, contentKey }, piece);
      if (valid || piece === 1) expect(outcome.released.length).toBe(released);
      expect(outcome.released.equals(document.subarray(0, outcome.released.length))).toBe(true);
      if (valid) expect(outcome.error).toBeUndefined();
      else expect(outcome.error).toMatchObject({ name: 'LetterlockError', code: 'seal-broken' });
    }
    if (!valid) return;
    for (const piece of [document.length || 1, 1]) {
      const sealer = createBlobSealer({ job, contentKey, salt: blob.subarray(28, 60), segmentSize });
      expect(sealWhole(sealer, document, piece).equals(blob)).toBe(true);
      expect(hexOf(sealer.sha256())).toBe(createHash('sha256').update(blob).digest('hex'));
    }
  },

  manifest: ({ valid, publicKey, signed, manifest }) =>
    expectOutcome(valid, () => openManifest(Signed.parse(signed), publicKey), manifest),

  'sealed-key': ({ valid, job, holder, privateKey, jobPart, organizationPart, sealedKey, contentKey }) =>
    expectOutcome(
      valid,
      async () => {
        const key = sealingKeyFromRaw(privateKey);
        const wrapped = await openWrappedKey(Sealed.parse(sealedKey), job, { id: holder, key });
        return hexOf(unwrapContentKey(wrapped, { jobPart, organizationPart }, job));
      },
      hexOf(contentKey)
    ),

  metadata: ({ valid, manifest, metadataKey, sealed, metadata }) =>
    expectOutcome(valid, () => openMetadata(sealed, metadataKey, manifest), metadata),

  'organization-part': (vector) =>
    expectOutcome(
      vector.valid,
      async () => hexOf(await organizationPart(sealingKeyFromRaw(vector.releasePrivateKey), vector.manifest)),
      hexOf(vector.organizationPart),
      true
    ),

  parts: ({ valid, kind, job, reader, grant, printer, privateKey, sealed, secret }) =>
    expectOutcome(
      valid,
      async () => {
        const own = { id: reader, key: sealingKeyFromRaw(privateKey) };
        const message = Sealed.parse(sealed);
        if (kind === 'job-part') return hexOf(await openJobPart(message, { job, custodian: own }));
        if (kind === 'metadata-key') return hexOf(await openMetadataKey(message, { job, reader: own }));
        if (!grant) throw new TypeError('no grant');
        if (kind === 'released-organization-part')
          return hexOf(await own.key.open(message, releasedOrganizationPartContext(job, reader, grant)));
        if (kind === 'released-job-part' && printer)
          return hexOf(await own.key.open(message, releasedJobPartContext(job, reader, grant, printer)));
        const parts = await openReleaseParts(message, { job, grant, node: own });
        return hexOf(Buffer.concat([parts.jobPart, parts.organizationPart]));
      },
      hexOf(secret)
    ),

  escrow: ({ valid, publicKey, offlinePrivateKey, signed, jobPart }) =>
    expectOutcome(
      valid,
      async () => {
        const { job, escrow } = openManifest(Signed.parse(signed), publicKey);
        if (!escrow) throw new TypeError('no escrow');
        return hexOf(await openEscrow(escrow, job, sealingKeyFromRaw(offlinePrivateKey)));
      },
      hexOf(jobPart)
    ),

  ticket: ({ valid, publicKey, now, text, job, device, expires, jobPart }) =>
    expectOutcome(
      valid,
      () => {
        const read = openTicket(text, { publicKeyOf: (id) => (id === device ? publicKey : undefined), now });
        return { ...read, jobPart: hexOf(read.jobPart) };
      },
      { job, device, expires, jobPart: hexOf(jobPart) }
    ),

  'ipp-messages'({ valid, bytes, message, status, reply }) {
    const readers = [
      { decode: decodeMessage, says: message },
      { decode: decodeReply, says: message ?? reply }
    ];
    for (const { decode, says } of readers)
      for (const piece of [bytes.length || 1, 1]) {
        const read = () => decode(headerOf(bytes, piece));
        if (says === undefined) {
          expect(valid).toBe(false);
          expect(read).toThrow(expect.objectContaining({ name: 'IppRefusal', status }));
        } else {
          expect(JSON.parse(JSON.stringify(read(), encodeBytes))).toEqual(says);
          expect(hexOf(encodeMessage(read()))).toBe(hexOf(bytes));
        }
      }
  }
};

/** What the framer makes of the bytes in pieces; all of them where the end doesn't come or isn't theirs. */
function headerOf(bytes: Uint8Array, piece: number): Uint8Array {
  const framer = createFramer();
  for (let offset = 0; offset < bytes.length; offset += piece) {
    const framed = framer.push(bytes.subarray(offset, offset + piece));
    if (framed) return Buffer.concat([framed.header, framed.rest, bytes.subarray(offset + piece)]);
  }
  return bytes;
}
