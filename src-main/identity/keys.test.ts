import { createPublicKey, generateKeyPairSync, verify } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { sealingKeyFromRaw, signingKeyFromRaw } from '../../tests/vectors/seeded.ts';
import { utf8 } from '../base/bytes.ts';
import { exportTo, sealTo } from './hpke.ts';
import { generateSealingKey, generateSigningKey, sealingKey, signingKey, verifySignature } from './keys.ts';

const hex = (text: string) => Buffer.from(text, 'hex');
const context = { info: utf8('info'), aad: utf8('aad') };

describe('a signing key', () => {
  it('signs as RFC 8032, section 7.1, test 2 says', async () => {
    const key = signingKeyFromRaw(hex('4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb'));
    expect(Buffer.from(key.publicKey).toString('hex')).toBe(
      '3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c'
    );
    expect(Buffer.from(await key.sign(hex('72'))).toString('hex')).toBe(
      '92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00'
    );
  });

  it('makes signatures that others verify, and only for what it signed', async () => {
    const key = signingKey(generateSigningKey());
    const signature = await key.sign(utf8('text'));
    const spki = Buffer.concat([hex('302a300506032b6570032100'), key.publicKey]);
    expect(verify(null, utf8('text'), createPublicKey({ key: spki, format: 'der', type: 'spki' }), signature)).toBe(
      true
    );
    expect(verifySignature(key.publicKey, utf8('text'), signature)).toBe(true);
    expect(verifySignature(key.publicKey, utf8('next'), signature)).toBe(false);
    expect(verifySignature(signingKey(generateSigningKey()).publicKey, utf8('text'), signature)).toBe(false);
    expect(verifySignature(key.publicKey.subarray(1), utf8('text'), signature)).toBe(false);
    expect(verifySignature(key.publicKey, utf8('text'), signature.subarray(1))).toBe(false);
  });

  it('is refused where another kind of key, or none, was stored', () => {
    const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'der', type: 'pkcs8' });
    for (const stored of [generateSealingKey(), new Uint8Array(), new Uint8Array(48), rsa])
      expect(() => signingKey(stored)).toThrow('storage-damaged');
    expect(() => sealingKey(generateSigningKey())).toThrow('storage-damaged');
  });
});

describe('a sealing key', () => {
  it('opens what was sealed to it and works after its stored form was wiped', async () => {
    const stored = generateSealingKey();
    const key = sealingKey(stored);
    stored.fill(0);
    const sealed = await sealTo(key.publicKey, utf8('secret'), context);
    expect(Buffer.from(await key.open(sealed, context)).toString()).toBe('secret');
    await expect(sealingKey(generateSealingKey()).open(sealed, context)).rejects.toMatchObject({ code: 'seal-broken' });
  });

  it('shares an exported secret with whoever encapsulated to it', async () => {
    const key = sealingKeyFromRaw(new Uint8Array(32).fill(9));
    const wanted = { info: utf8('info'), label: utf8('label'), length: 32 };
    const { enc, secret } = await exportTo(key.publicKey, wanted);
    expect(await key.exportSecret(enc, wanted)).toEqual(secret);
    expect(await key.exportSecret(enc, { ...wanted, label: utf8('other') })).not.toEqual(secret);
  });

  it('is not reached by a public key that is none', async () => {
    for (const publicKey of [new Uint8Array(31), new Uint8Array(33), new Uint8Array(32)])
      await expect(sealTo(publicKey, utf8('secret'), context)).rejects.toMatchObject({ code: 'input-invalid' });
  });

  it('seals what it was given even if the caller wipes its copy meanwhile', async () => {
    const key = sealingKey(generateSealingKey());
    const secret = utf8('secret');
    const sealing = sealTo(key.publicKey, secret, context);
    secret.fill(0);
    expect(Buffer.from(await key.open(await sealing, context)).toString()).toBe('secret');
  });
});
